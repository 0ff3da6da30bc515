import { expect, test } from 'vitest';
import { treeOf } from './fixtures/tree-of.ts';
import { possiblePlaces } from './moved-files.ts';

const tree = treeOf({}, [
  'drivers/soc/imx/imx8m-blk-ctrl.c',
  'drivers/net/team/team.c',
  'fs/cifs/connect.c',
  'drivers/gpu/drm/amd/display/dc/dcn30/dcn30_hwseq.c',
  'net/core/core.c',
  ...Array.from({ length: 7 }, (_, at) => `drivers/x${at}/rare_name.c`),
]);

const cases: readonly (readonly [path: string, places: readonly string[], shows: string])[] = [
  ['drivers/pmdomain/imx/imx8m-blk-ctrl.c', ['drivers/soc/imx/imx8m-blk-ctrl.c'], 'a known move of a folder'],
  ['drivers/net/team/team_core.c', ['drivers/net/team/team.c'], 'a known move of a file'],
  ['fs/smb/client/connect.c', ['fs/cifs/connect.c'], 'the former name of a file system'],
  [
    'drivers/gpu/drm/amd/display/dc/hwss/dcn30/dcn30_hwseq.c',
    ['drivers/gpu/drm/amd/display/dc/dcn30/dcn30_hwseq.c'],
    'the same name beside',
  ],
  ['drivers/new/core.c', [], 'a name that says nothing'],
  ['mm/rare_name.c', [], 'the same name elsewhere'],
  ['drivers/rare_name.c', [0, 1, 2, 3, 4].map((at) => `drivers/x${at}/rare_name.c`), 'no more than five'],
];

for (const [path, places, shows] of cases) {
  test(`${path}: ${shows}`, () => expect(possiblePlaces(path, tree)).toEqual(places));
}
