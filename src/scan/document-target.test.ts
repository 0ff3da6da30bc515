import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { tar } from '../../test/tar.ts';
import { takeInventory } from './take-inventory.ts';

const folder = mkdtempSync(join(tmpdir(), 'cvescan-document-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bom = JSON.stringify({ bomFormat: 'CycloneDX', components: [{ name: 'x', purl: 'pkg:npm/lodash@4.17.20' }] });
const yocto = tar({
  path: 'libc6.spdx.json',
  body: JSON.stringify({ spdxVersion: 'SPDX-2.2', packages: [{ SPDXID: 'SPDXRef-Package-libc6', name: 'libc6' }] }),
});

function fileOf(content: string | Uint8Array, name = 'document'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a target is a document', () => {
  const cases = [
    // content                      package     what the row shows
    [bom, 'lodash', 'JSON'],
    [`\n\n ${bom}`, 'lodash', 'JSON behind blanks'],
    [gzipSync(bom), 'lodash', 'gzip'],
    [zstdCompressSync(bom), 'lodash', 'zstd'],
    [yocto, 'libc6', 'a tar of documents'],
    [zstdCompressSync(yocto), 'libc6', 'a tar of documents, zstd'],
    ['pkg:npm/lodash@4.17.20', 'lodash', 'a list without an end of line'],
  ] as const;
  for (const [content, name, shows] of cases) {
    test(`${shows}, as a file, named as an SBOM, and on standard input`, async () => {
      const path = fileOf(content);
      for (const [target, stdin] of [[path], [`sbom:${path}`], ['-', content], ['sbom:-', content]] as const) {
        const options = stdin === undefined ? {} : { stdin: Readable.from([Buffer.from(stdin)]) };
        const { packages, target: named } = await takeInventory(target, options);
        expect(packages).toMatchObject([{ name }]);
        expect(named).toEqual({ kind: 'sbom', name: target });
      }
    });
  }

  for (const prefix of ['', 'sbom:'])
    test(`${prefix}FILE that cannot be opened: a sentence that names it`, () => {
      const name = 'a'.repeat(300);
      const message = `${name} cannot be read: the name is too long (ENAMETOOLONG)`;
      return expect(takeInventory(`${prefix}${name}`)).rejects.toMatchObject({ code: 'document.not-found', message });
    });

  test('sbom: without a file', () =>
    expect(takeInventory('sbom:')).rejects.toMatchObject({
      code: 'usage.invalid',
      message: 'sbom: needs a file behind it: sbom:FILE',
    }));

  test('a package URL and a CPE on the command line', async () => {
    expect((await takeInventory('pkg:npm/lodash@4.17.20')).packages).toMatchObject([
      { name: 'lodash', version: '4.17.20' },
    ]);
    const cpe = 'cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*';
    expect((await takeInventory(cpe)).packages).toMatchObject([{ name: 'openssl', version: '1.0.2u', cpes: [cpe] }]);
  });
});

describe('what cannot be read is said', () => {
  const cases = [
    // content                          code                        what the row shows
    ['hello', 'document.unknown-format', 'text of no format'],
    [bom.slice(0, -3), 'document.malformed', 'JSON that is cut'],
    [gzipSync(bom).subarray(0, -9), 'document.malformed', 'gzip that is cut'],
    [yocto.subarray(0, 560), 'document.malformed', 'a tar that is cut'],
    [Buffer.alloc(2000, 7), 'document.unknown-format', 'control characters'],
    [Buffer.alloc(2000), 'image.unknown-format', 'zeros'],
    ['', 'image.unknown-format', 'nothing'],
  ] as const;
  for (const [content, code, shows] of cases) {
    test(`${shows}: ${code}`, async () => {
      const path = fileOf(content);
      await expect(takeInventory(path)).rejects.toMatchObject({ code, message: expect.stringContaining(path) });
    });
  }

  test('a file that is not there', async () => {
    await expect(takeInventory('sbom:no/such/file')).rejects.toMatchObject({ code: 'document.not-found' });
    await expect(takeInventory(`sbom:${folder}`)).rejects.toMatchObject({ code: 'document.not-found' });
  });

  test('maxDocumentBytes, at the limit and one above', async () => {
    const path = fileOf(bom);
    const limits = { maxDocumentBytes: bom.length };
    await expect(takeInventory(path, { limits })).resolves.toBeDefined();
    for (const content of [`${bom} `, gzipSync(`${bom} `)])
      await expect(takeInventory(fileOf(content), { limits })).rejects.toMatchObject({
        code: 'document.limit-exceeded',
        message: expect.stringContaining('maxDocumentBytes'),
      });
  });
});
