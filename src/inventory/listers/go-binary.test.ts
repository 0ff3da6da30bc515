import { describe, expect, test } from 'vitest';
import { elf, goBuildInfo, pe } from '../../../test/programs.ts';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { goBinaryLister } from './go-binary.ts';

const program = (goVersion: string, modules: string) =>
  elf([{ name: '.go.buildinfo', content: goBuildInfo(goVersion, modules), isWritable: true }]);

async function briefly(goVersion: string, modules: string): Promise<readonly string[]> {
  const { packages, problems } = await listFile(goBinaryLister, layerFileOf('app', program(goVersion, modules)));
  expect(problems).toEqual([]);
  return packages.map(({ name, version, properties = {} }) =>
    [`${name} ${version}`, ...Object.values(properties)].join(' < '),
  );
}

describe('a program has', () => {
  for (const [shows, goVersion, modules, packages] of [
    ["Go's own library", 'go1.19.8', 'path\tx\n', ['stdlib go1.19.8']],
    [
      'the library of a toolchain that was never released, without a version',
      'devel go1.21-abc',
      'path\tx\n',
      ['stdlib '],
    ],
    [
      'itself, where it states a version',
      'go1.24.1',
      'mod\ta.b/c\tv1.2.3\th1:x=\n',
      ['stdlib go1.24.1', 'a.b/c v1.2.3'],
    ],
    ['not itself, where it states none', 'go1.24.1', 'mod\ta.b/c\t(devel)\t\n', ['stdlib go1.24.1']],
    [
      'a dependency',
      'go1.2',
      'dep\ta.b/c\tv1.2.3+incompatible\th1:x=\n',
      ['stdlib go1.2', 'a.b/c v1.2.3+incompatible'],
    ],
    [
      'a dependency from a workspace, without a version',
      'go1.2',
      'dep\ta.b/c\t(devel)\t\n',
      ['stdlib go1.2', 'a.b/c '],
    ],
    [
      'the replacement of a dependency',
      'go1.2',
      'dep\ta.b/c\tv1.0.0\n=>\ta.b/fork\tv1.0.1\th1:x=\n',
      ['stdlib go1.2', 'a.b/fork v1.0.1 < a.b/c@v1.0.0'],
    ],
    [
      'a dependency replaced by a directory, without a version',
      'go1.2',
      'dep\ta.b/c\tv1.0.0\n=>\t./fork\t(devel)\t\n',
      ['stdlib go1.2', 'a.b/c  < ./fork'],
    ],
  ] as const) {
    test(shows, async () => expect(await briefly(goVersion, modules)).toEqual(packages));
  }
});

describe('of all files', () => {
  const bytes = program('go1.2', '');
  for (const [isWanted, shows, file] of [
    [true, 'a program is looked into', layerFileOf('usr/bin/app', bytes, 0o755)],
    [false, 'what may not be executed is none', layerFileOf('usr/bin/app', bytes, 0o644)],
    [false, 'a script is none', layerFileOf('usr/bin/app', '#!/bin/sh\necho this is a script\n')],
    [
      false,
      'a hard link is none: the file itself is',
      { ...layerFileOf('app', bytes), sizeBytes: 0, head: Buffer.alloc(0) },
    ],
    [true, 'a program for Windows has its ending', layerFileOf('app.exe', pe([]), 0o644)],
    [false, 'a library for Windows is none', layerFileOf('app.dll', pe([]), 0o755)],
    [true, 'the largest', { ...layerFileOf('app', bytes), sizeBytes: 1024 ** 3 }],
    [false, 'above the largest', { ...layerFileOf('app', bytes), sizeBytes: 1024 ** 3 + 1 }],
  ] as const) {
    test(shows, () => expect(goBinaryLister.wants(file)).toBe(isWanted));
  }
});
