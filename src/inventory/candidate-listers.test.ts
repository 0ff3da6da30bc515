import { expect, test } from 'vitest';
import { candidateListers } from './candidate-listers.ts';
import type { PackageLister } from './lister.ts';

const lister = (name: string, extra: Partial<PackageLister> = {}): PackageLister => ({
  name,
  version: 1,
  wants: () => true,
  async *list() {},
  ...extra,
});

const candidates = candidateListers([
  lister('every'),
  lister('exact', { fileNames: ['go.mod', 'a.jar'] }),
  lister('ending', { fileNames: ['*.jar', '*.war'] }),
  lister('owning', { fileNames: ['status'], wantsForOwnedPaths: () => true }),
]);

for (const [path, names, shows] of [
  ['usr/bin/true', ['every', 'owning'], 'no name that any states'],
  ['app/go.mod', ['every', 'exact', 'owning'], 'an exact name'],
  ['go.mod', ['every', 'exact', 'owning'], 'at the root'],
  ['app/b.jar', ['every', 'ending', 'owning'], 'an ending'],
  ['app/a.jar', ['every', 'exact', 'ending', 'owning'], 'an exact name with an ending that another states'],
  ['b.jar/readme', ['every', 'owning'], 'a directory has no say'],
  ['xgo.mod', ['every', 'owning'], 'the whole name counts'],
  ['', ['every', 'owning'], 'no name at all'],
] as const) {
  test(`${JSON.stringify(path)}: ${shows}`, () => {
    expect(candidates(path).map(({ name }) => name)).toEqual(names);
  });
}
