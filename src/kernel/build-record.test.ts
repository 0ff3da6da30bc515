import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { commandFilePaths, DEFAULT_BUILD_RECORD_LIMITS, parseBuildRecord, readBuildRecord } from './build-record.ts';

const scratch = mkdtempSync(join(tmpdir(), 'cvescan-record-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const write = (path: string, content: string | Buffer): string => {
  const file = join(scratch, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};

const cases: readonly (readonly [origin: string, document: unknown, paths: readonly string[]])[] = [
  ['list of compiled files', 'init/main.c\r\n\nmm/memory.c\n', ['init/main.c', 'mm/memory.c']],
  [
    'compile_commands.json',
    [
      { directory: '/b', file: 'init/main.c', command: 'cc' },
      { directory: '/b', file: '/s/mm/memory.c' },
      { output: 'x' },
      null,
    ],
    ['/b/init/main.c', '/s/mm/memory.c'],
  ],
  [
    'SPDX 2 sources',
    {
      spdxVersion: 'SPDX-2.2',
      files: [
        { fileName: 'linux-6.6/init/main.c', fileTypes: ['SOURCE'] },
        { fileName: 'boot/vmlinux', fileTypes: ['BINARY'] },
      ],
    },
    ['linux-6.6/init/main.c'],
  ],
  [
    'SPDX 3 sources',
    {
      '@graph': [
        { type: 'software_File', name: 'linux-6.6/init/main.c', software_primaryPurpose: 'source' },
        { type: 'software_File', name: 'vmlinux', software_primaryPurpose: 'executable' },
        { type: 'software_Package', name: 'linux' },
      ],
    },
    ['linux-6.6/init/main.c'],
  ],
  ['debug sources', { '/boot/vmlinux': ['/usr/src/kernel/init/main.c'] }, ['/usr/src/kernel/init/main.c']],
];

describe('a record of compiled files', () => {
  for (const [origin, document, paths] of cases) {
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    test(`is read from: ${origin}`, () => {
      expect(parseBuildRecord(text)).toEqual({ origin, paths, namesHeaders: false });
    });
    test(`is opened: ${origin}`, () => {
      for (const [name, content] of [
        ['gz', gzipSync(text)],
        ['zstd', zstdCompressSync(Buffer.from(text))],
      ] as const) {
        expect(readBuildRecord(write(`opened.${name}`, content)).paths).toEqual(paths);
      }
    });
  }

  test('that is none is refused', () => {
    const codeOf = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    for (const text of ['{', '{}', '{"a":1}']) expect(codeOf(() => parseBuildRecord(text))).toBe('kernel.malformed');
    expect(codeOf(() => readBuildRecord(join(scratch, 'nowhere')))).toBe('kernel.not-found');
    const damaged = write('damaged.gz', gzipSync('init/main.c').subarray(0, 20));
    expect(codeOf(() => readBuildRecord(damaged))).toBe('kernel.malformed');
  });

  test('has at most maxRecordBytes, packed or not', () => {
    const text = 'init/main.c\n';
    for (const file of [write('plain', text), write('packed', gzipSync(text.repeat(1)))]) {
      const limits = (maxRecordBytes: number) => ({ ...DEFAULT_BUILD_RECORD_LIMITS, maxRecordBytes });
      expect(readBuildRecord(file, limits(100)).paths).toEqual(['init/main.c']);
      expect(() => readBuildRecord(file, limits(text.length - 1))).toThrow(/maxRecordBytes/);
    }
  });
});

const COMMAND_FILE = `savedcmd_init/main.o := gcc -c -o init/main.o init/main.c

source_init/main.o := init/main.c

deps_init/main.o := \\
    $(wildcard include/config/SMP) \\
  include/linux/compiler-version.h \\
  arch/x86/../../kernel/sched/rt.c \\

init/main.o: $(deps_init/main.o)
`;

describe('the command files of a build', () => {
  test('name sources and all that they include', () => {
    const paths = ['init/main.c', 'include/linux/compiler-version.h', 'kernel/sched/rt.c'];
    expect(commandFilePaths(COMMAND_FILE)).toEqual(paths);
  });

  test('are found below its directory, but for programs of the build machine', () => {
    write('build/.vmlinux.cmd', '');
    write('build/init/.main.o.cmd', COMMAND_FILE);
    write('build/scripts/.kallsyms.o.cmd', 'source_x := scripts/kallsyms.c\n');
    const record = readBuildRecord(join(scratch, 'build'));
    expect(record.paths).toEqual(['include/linux/compiler-version.h', 'init/main.c', 'kernel/sched/rt.c']);
    expect(record.namesHeaders).toBe(true);
    const limits = { ...DEFAULT_BUILD_RECORD_LIMITS, maxRecordFiles: 0 };
    expect(() => readBuildRecord(join(scratch, 'build'), limits)).toThrow(/maxRecordFiles/);
  });

  test('of an unfinished build tell nothing', () => {
    write('unfinished/init/.main.o.cmd', COMMAND_FILE);
    expect(() => readBuildRecord(join(scratch, 'unfinished'))).toThrow(/no finished build/);
  });
});
