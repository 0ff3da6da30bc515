import { describe, expect, test } from 'vitest';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { apkLister } from './apk.ts';

const list = (text: string) => listFile(apkLister, layerFileOf('lib/apk/db/installed', text));

describe('an entry', () => {
  for (const [shows, text, packages] of [
    ['names its origin', 'P:libssl3\nV:3.3.2-r1\no:openssl\n', ['libssl3 3.3.2-r1 <- openssl']],
    ['is its own source without one', 'P:musl\nV:1.2.5-r0\n', ['musl 1.2.5-r0 <- musl']],
    ['has case-sensitive letters', 'p:so:x=1\nP:a\nV:1\nv:2\no:b\nO:c\n', ['a 1 <- b']],
    ['takes nothing over from the one above', 'P:a\nV:1\no:x\n\nP:b\nV:2\n', ['a 1 <- x', 'b 2 <- b']],
    ['may end the file', 'P:a\nV:1', ['a 1 <- a']],
    ['may have Windows line ends', 'P:a\r\nV:1\r\n\r\nP:b\r\nV:2\r\n', ['a 1 <- a', 'b 2 <- b']],
  ] as const) {
    test(shows, async () => {
      const { packages: listed, problems } = await list(text);
      expect(listed.map(({ name, version, source }) => `${name} ${version} <- ${source?.name}`)).toEqual(packages);
      expect(problems).toEqual([]);
    });
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, names, code] of [
    ['no name', 'V:1\n\nP:b\nV:1\n', ['b'], 'lister.incomplete-entry'],
    ['no version: it is listed all the same', 'P:a\n', ['a'], 'lister.incomplete-entry'],
    ['a line without a letter and a colon', 'P:a\nV:1\nteapot\n', ['a'], 'lister.malformed-line'],
  ] as const) {
    test(shows, async () => {
      const { packages, problems } = await list(text);
      expect(packages.map(({ name }) => name)).toEqual(names);
      expect(problems).toMatchObject([{ code, path: 'lib/apk/db/installed' }]);
    });
  }
});

test('owned paths are files below the directory named last', async () => {
  const { ownedPaths } = await list(
    'P:a\nV:1\nF:etc\nF:etc/ssl\nR:openssl.cnf\na:0:0:644\nF:lib\nR:x.so\nF:\nR:init\n',
  );
  expect(ownedPaths).toEqual([{ owner: 'a', ownedPaths: ['etc/ssl/openssl.cnf', 'lib/x.so', 'init'] }]);
});
