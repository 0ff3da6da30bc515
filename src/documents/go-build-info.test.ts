import { describe, expect, test } from 'vitest';
import {
  BASE_ADDRESS,
  type ElfShape,
  elf,
  firstSectionOffset,
  goBuildInfo,
  goBuildInfoOfPointers,
  machO,
  pe,
} from '../../test/programs.ts';
import { bufferSource } from '../platform/archives/byte-source.ts';
import { readExecutable } from '../platform/executables/executable.ts';
import { readGoBuildInfo } from './go-build-info.ts';

const MODULES =
  'path\tx\nmod\tx\t(devel)\t\ndep\ta.b/c\tv1.2.3\th1:x=\ndep\td.e/f\tv0.1.0\n=>\tg.h/f\tv0.2.0\th1:y=\nbuild\t-compiler=gc\n';
const READ = {
  goVersion: 'go1.17.5',
  main: { path: 'x', version: '(devel)' },
  dependencies: [
    { path: 'a.b/c', version: 'v1.2.3' },
    { path: 'd.e/f', version: 'v0.1.0', replacement: { path: 'g.h/f', version: 'v0.2.0' } },
  ],
};

async function read(program: Buffer) {
  const source = bufferSource(program);
  const executable = await readExecutable(source);
  return executable && readGoBuildInfo(source, executable);
}

const inline = { name: '.go.buildinfo', content: goBuildInfo('go1.17.5', MODULES), isWritable: true };
const pointersAt = (address: number, shape: ElfShape) =>
  goBuildInfoOfPointers('go1.17.5', MODULES, { ...shape, address });

describe('the texts are found', () => {
  const programs: Record<string, Buffer> = {
    'in an ELF file': elf([inline]),
    'in an ELF file of 32 bits': elf([inline], { bits: 32 }),
    'in an ELF file of a big-endian machine': elf([inline], { isLittleEndian: false }),
    'in a position-independent one': elf([inline], { type: 3 }),
    'in one without section headers, behind other data': elf(
      [{ ...inline, content: Buffer.concat([Buffer.alloc(4096), inline.content]) }],
      { hasSections: false },
    ),
    'in a PE file': pe([
      { name: '.text', content: Buffer.alloc(20) },
      { ...inline, name: '.data' },
    ]),
    'in a Mach-O file': machO([
      { name: '__text', content: Buffer.alloc(20) },
      { ...inline, name: '__go_buildinfo' },
    ]),
    'in a universal binary': machO([{ ...inline, name: '__go_buildinfo' }], true),
  };
  for (const bits of [32, 64] as const) {
    for (const isLittleEndian of [true, false]) {
      const shape = { bits, isLittleEndian };
      const content = pointersAt(BASE_ADDRESS + firstSectionOffset(1, bits), shape);
      const name = `by their addresses, ${bits} bits, ${isLittleEndian ? 'little' : 'big'}-endian`;
      programs[name] = elf([{ ...inline, content }], shape);
    }
  }
  for (const [where, program] of Object.entries(programs)) {
    test(where, async () => expect(await read(program)).toEqual(READ));
  }
});

describe('nothing is found', () => {
  const programs: Record<string, Buffer> = {
    'in an object file': elf([inline], { type: 1 }),
    'in a program of another language': elf([{ name: '.data', content: inline.content, isWritable: true }]),
    'in a section of that name with something else': elf([{ ...inline, content: Buffer.alloc(64, 7) }]),
    'where the magic is not aligned': elf([{ ...inline, content: Buffer.concat([Buffer.alloc(8), inline.content]) }]),
    'where a pointer leads nowhere': elf([{ ...inline, content: pointersAt(0x7fffffff, {}) }]),
    'in a Java class': Buffer.from('cafebabe00000034001d0a0006000f09001000110800', 'hex'),
    'in nothing': Buffer.alloc(0),
  };
  for (const [where, program] of Object.entries(programs)) {
    test(where, async () => expect(await read(program)).toBeUndefined());
  }
});

test('a program without modules has the version of its toolchain', async () => {
  const content = goBuildInfo('go1.20.1', '');
  expect(await read(elf([{ ...inline, content }]))).toEqual({ goVersion: 'go1.20.1', dependencies: [] });
});

test('a text longer than any is not read, nor is room made for it', async () => {
  const content = Buffer.concat([inline.content.subarray(0, 32), Buffer.from('ffffff7f', 'hex'), Buffer.alloc(64)]);
  expect(await read(elf([{ ...inline, content }]))).toBeUndefined();
});

describe('however large the file', () => {
  test('only its headers and the texts are read', async () => {
    const bytes = elf([{ name: '.text', content: Buffer.alloc(8 << 20) }, inline]);
    let readBytes = 0;
    const source = {
      sizeBytes: bytes.length,
      read: async (offset: number, length: number) => {
        const piece = bytes.subarray(offset, offset + length);
        readBytes += piece.length;
        return piece;
      },
    };
    const executable = await readExecutable(source);
    expect(await readGoBuildInfo(source, executable!)).toEqual(READ);
    expect(readBytes).toBeLessThan(4096);
  });
});

test('any byte may be wrong: it ends, and takes no more than the file has', async () => {
  const valid = [
    elf([inline]),
    pe([{ ...inline, name: '.data' }]),
    machO([{ ...inline, name: '__go_buildinfo' }], true),
  ];
  for (const program of valid) {
    for (let at = 0; at < program.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const wrong = Buffer.from(program);
        wrong[at] = value;
        const found = await read(wrong);
        expect(found === undefined || typeof found.goVersion === 'string', `byte ${at}`).toBe(true);
      }
    }
  }
});
