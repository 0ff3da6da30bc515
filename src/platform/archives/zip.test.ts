import { describe, expect, test } from 'vitest';
import { zipOf } from '../../../test/zip.ts';
import { bufferSource } from './byte-source.ts';
import { type ZipLimits, zipEntries } from './zip.ts';

async function read(archive: Buffer, limits: Partial<ZipLimits> = {}): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const entry of zipEntries(bufferSource(archive), limits)) files[entry.name] = entry.bytes().toString();
  return files;
}

const a = { name: 'a.json', content: Buffer.from('{"a":1}') };
const b = { name: 'b.json', content: Buffer.from('b'.repeat(1000)) };

describe('zipEntries', () => {
  test('reads deflated and stored files, and steps over folders', async () => {
    const folder = { name: 'folder/', content: Buffer.alloc(0), says: { method: 0 } };
    const archive = zipOf([a, folder, { ...b, says: { method: 0 } }], 'a comment with PK\x05\x06 in it');
    expect(await read(archive)).toEqual({ 'a.json': '{"a":1}', 'b.json': 'b'.repeat(1000) });
  });

  test('reads the sizes of ZIP64', async () => {
    expect(await read(zipOf([{ ...a, says: { wide: true } }]))).toEqual({ 'a.json': '{"a":1}' });
  });

  const damaged = [
    // archive                                              what the row shows
    [Buffer.from('<html>no archive</html>'), 'something else'],
    [zipOf([a, b]).subarray(0, -30), 'cut at its end'],
    [zipOf([{ ...a, says: { crc: 1 } }]), 'a wrong checksum'],
    [zipOf([{ ...b, says: { sizeBytes: 999 } }]), 'a file larger than it says'],
    [zipOf([{ ...b, says: { sizeBytes: 1001 } }]), 'a file smaller than it says'],
    [zipOf([{ ...a, says: { flags: 1 } }]), 'an encrypted file'],
    [zipOf([{ ...a, says: { method: 12 } }]), 'another compression'],
  ] as const;
  for (const [archive, shows] of damaged) {
    test(`is damaged: ${shows}`, async () => {
      await expect(read(archive)).rejects.toMatchObject({ code: 'archive.damaged' });
    });
  }

  test('any byte may be wrong: it is read, or an error of ours says so', async () => {
    const archive = zipOf([a, b]);
    for (let at = 0; at < archive.length; at++) {
      const wrong = Buffer.from(archive);
      wrong[at] = wrong[at]! ^ 0xff;
      const outcome = await read(wrong).catch((error: { code?: string }) => error.code);
      expect(typeof outcome === 'object' || /^archive\./.test(String(outcome)), `byte ${at}: ${String(outcome)}`).toBe(
        true,
      );
    }
  });

  const limits = [
    // limit            value that is just enough
    ['maxEntries', 2],
    ['maxEntryBytes', 1000],
    ['maxTotalBytes', 1007],
    ['maxDirectoryBytes', 2 * (46 + 6)],
  ] as const;
  for (const [limit, value] of limits) {
    test(`keeps ${limit}`, async () => {
      const archive = zipOf([a, b]);
      expect(Object.keys(await read(archive, { [limit]: value }))).toHaveLength(2);
      await expect(read(archive, { [limit]: value - 1 })).rejects.toMatchObject({
        code: 'archive.limit-exceeded',
        details: { limit },
      });
    });
  }
});
