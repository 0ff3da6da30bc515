import { describe, expect, test } from 'vitest';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { goModLister } from './go-mod.ts';

const list = (text: string) => listFile(goModLister, layerFileOf('src/go.mod', text));
const briefly = async (text: string) => (await list(text)).packages.map(({ name, version }) => `${name} ${version}`);

describe('go.mod', () => {
  for (const [shows, text, packages] of [
    ['requires a module', 'module x\nrequire a.b/c v1.0.0\n', ['a.b/c v1.0.0']],
    [
      'requires modules in a block',
      'require (\n\ta v1.0.0\n\tb v2.0.0 // indirect\n)\nrequire c v3.0.0',
      ['a v1.0.0', 'b v2.0.0', 'c v3.0.0'],
    ],
    ['opens a block without a blank', 'require(\n\ta v1.0.0\n)\n', ['a v1.0.0']],
    ['may quote', 'require "a.b/c" `v1.0.0`\n', ['a.b/c v1.0.0']],
    ['has comments and Windows line ends', '// require a v1.0.0\r\nrequire b v1.0.0 // a\r\n', ['b v1.0.0']],
    ['keeps what looks like a comment in a path', 'require a.b//c v1.0.0\n', ['a.b//c v1.0.0']],
    ['asks for a language version', 'go 1.19\n', ['stdlib go1.19']],
    ['asks for a toolchain, which counts', 'go 1.21\ntoolchain go1.21.5\n', ['stdlib go1.21.5']],
    ['asks for the default toolchain', 'go 1.21.3\ntoolchain default\n', ['stdlib go1.21.3']],
    ['replaces every version', 'require a v1.0.0\nreplace a => b v2.0.0\n', ['b v2.0.0']],
    ['replaces this version', 'require a v1.0.0\nreplace a v1.0.0 => a v1.0.1\n', ['a v1.0.1']],
    ['replaces another version', 'require a v1.0.0\nreplace a v0.9.0 => a v1.0.1\n', ['a v1.0.0']],
    ['replaces by a directory', 'require a v1.0.0\nreplace (\n\ta => ../a\n)\n', ['a ']],
    [
      'has other directives',
      'require a v1.0.0\nexclude a v1.1.0\nretract [v1.0.0, v1.2.0]\ngodebug x=1\ntool a/cmd\n',
      ['a v1.0.0'],
    ],
    ["is Go's own", 'module std\nrequire golang.org/x/net v0.1.0\n', []],
  ] as const) {
    test(shows, async () => {
      expect(await briefly(text)).toEqual(packages);
      expect((await list(text)).problems).toEqual([]);
    });
  }

  for (const line of ['require a', 'require', 'replace a v1.0.0', 'replace a =>']) {
    test(`${line}: is a problem`, async () => {
      const { packages, problems } = await list(`${line}\nrequire b v1.0.0\n`);
      expect(problems).toMatchObject([{ code: 'lister.incomplete-entry', message: `line 1: ${line}` }]);
      expect(packages).toHaveLength(1);
    });
  }

  for (const path of [
    'root/go/pkg/mod/a@v1.0.0/go.mod',
    'src/vendor/a/go.mod',
    'usr/lib/go/src/cmd/testdata/x/go.mod',
  ]) {
    test(`${path} says what its author used`, () => expect(goModLister.wants(layerFileOf(path, ''))).toBe(false));
  }
});
