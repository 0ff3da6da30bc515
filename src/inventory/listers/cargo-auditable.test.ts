import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { cargoAudit, elf, machO, pe } from '../../../test/programs.ts';
import { layerFileOf, listFile } from '../lister.contract.ts';
import { cargoAuditableLister } from './cargo-auditable.ts';

const CRATES = [
  { name: 'app', version: '0.1.0', source: 'local', root: true },
  { name: 'time', version: '0.1.43', source: 'crates.io', kind: 'runtime' },
  { name: 'cc', version: '1.0.73', source: 'crates.io', kind: 'build' },
];
const section = (content: Uint8Array) => ({ name: '.dep-v0', content });
const list = (program: Buffer, path = 'app') => listFile(cargoAuditableLister, layerFileOf(path, program));
const audit = cargoAudit(CRATES);

describe('crates are listed', () => {
  for (const [where, program, path] of [
    ['of an ELF file', elf([section(audit)]), 'app'],
    ['of a big-endian one of 32 bits', elf([section(audit)], { bits: 32, isLittleEndian: false }), 'app'],
    ['of a Mach-O file', machO([section(audit)]), 'app'],
    ['of a PE file, whose sections are padded', pe([section(audit)]), 'app.exe'],
    ['with zeros behind the stream', elf([section(Buffer.concat([audit, Buffer.alloc(9)]))]), 'app'],
  ] as const) {
    test(where, async () => {
      const { packages, problems } = await list(program, path);
      expect(packages.map(({ name, version, properties }) => [name, version, properties])).toEqual([
        ['app', '0.1.0', { source: 'local' }],
        ['time', '0.1.43', undefined],
        ['cc', '1.0.73', { development: 'true' }],
      ]);
      expect(problems).toEqual([]);
    });
  }
});

test('a program without that section has none', async () => {
  expect(await list(elf([{ name: '.data', content: audit }]))).toMatchObject({ packages: [], problems: [] });
});

describe('a problem is', () => {
  for (const [what, content, code] of [
    ['what is not compressed', Buffer.from('{}'), 'lister.malformed-file'],
    ['a stream that is cut', audit.subarray(0, -9), 'lister.malformed-file'],
    ['what is no JSON', deflateSync('crates'), 'lister.malformed-file'],
    ['a crate without a name', cargoAudit([{ version: '1.0.0' }]), 'lister.incomplete-entry'],
    ['a crate without a version', cargoAudit([{ name: 'a' }]), 'lister.incomplete-entry'],
    ['what grows above the limit', deflateSync(Buffer.alloc(8 * 1024 ** 2 + 1, 0x20)), 'lister.malformed-file'],
    ['a section above the limit', Buffer.alloc(1024 ** 2 + 1), 'lister.file-too-large'],
  ] as const) {
    test(what, async () =>
      expect((await list(elf([section(content)]))).problems).toMatchObject([{ code, path: 'app' }]),
    );
  }

  test('not what grows up to the limit', async () => {
    const text = JSON.stringify({ packages: [{ name: 'a', version: '1' }] });
    const content = deflateSync(text.padEnd(8 * 1024 ** 2));
    expect((await list(elf([section(content)]))).packages).toHaveLength(1);
  });
});
