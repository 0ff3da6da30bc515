import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type DecompressionOptions, decompressed, sniffCompression } from './compression.ts';

const TEXT = 'one layer is a change set\n';

/** `printf 'one layer is a change set\n' | xz` and `| bzip2`, in base64. */
const XZ = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAZb25lIGxheWVyIGlzIGEgY2hhbmdlIHNldAoAAADcKCotr2YluwABMhogGJQwH7bzfQEAAAAABFla',
  'base64',
);
const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWSu1itgAAApRgAAQQAAq5ZwgIAAiI0yGnplCmAACYPG3Qewq1csgQpePi7kinChIFdrFbAA=',
  'base64',
);

const SAMPLES = {
  gzip: gzipSync(TEXT),
  zstd: zstdCompressSync(TEXT, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  xz: XZ,
  bzip2: BZIP2,
  none: Buffer.from(TEXT),
} as const;

describe('sniffCompression', () => {
  for (const [name, bytes] of Object.entries(SAMPLES)) {
    test(`${name} by its first bytes`, () => expect(sniffCompression(bytes)).toBe(name));
  }
  test('a zstd skippable frame is zstd', () =>
    expect(sniffCompression(Buffer.from('50 2a 4d 18'.replaceAll(' ', ''), 'hex'))).toBe('zstd'));
  test('a tar whose first file is called BZh9 is no bzip2', () =>
    expect(sniffCompression(Buffer.from('BZh9.txt\0\0\0'))).toBe('none'));
  test('nothing is not compressed', () => expect(sniffCompression(Buffer.alloc(0))).toBe('none'));
});

describe('decompressed', () => {
  for (const [name, bytes] of Object.entries(SAMPLES)) {
    test(`${name}, whole`, async () => expect(await inflate([bytes])).toBe(TEXT));
    test(`${name}, byte by byte`, async () =>
      expect(await inflate([...bytes].map((byte) => Buffer.of(byte)))).toBe(TEXT));
    test(`${name}, two streams one after the other`, async () =>
      expect(await inflate([bytes, bytes])).toBe(TEXT + TEXT));
    test(`${name}, two streams in one chunk`, async () =>
      expect(await inflate([Buffer.concat([bytes, bytes])])).toBe(TEXT + TEXT));
    if (name === 'none') continue;
    test(`${name}, cut before its end`, async () => {
      await expect(inflate([bytes.subarray(0, bytes.length - 5)])).rejects.toMatchObject({ code: 'archive.damaged' });
    });
    test(`${name}, with a byte flipped`, async () => {
      const flipped = Buffer.from(bytes);
      const middle = bytes.length >> 1;
      flipped[middle] = (flipped[middle] ?? 0) ^ 0xff;
      await expect(inflate([flipped])).rejects.toMatchObject({ code: 'archive.damaged' });
    });
  }

  describe('skippable frames of zstd are left out, wherever chunks end', () => {
    const skippable = Buffer.from('504d2a1803000000aabbcc', 'hex');
    skippable.writeUInt32LE(0x184d2a5f, 0);
    const empty = Buffer.from('502a4d1800000000', 'hex');
    const plain = zstdCompressSync(TEXT.repeat(3));
    const stream = Buffer.concat([empty, skippable, SAMPLES.zstd, skippable, empty, plain, SAMPLES.zstd, skippable]);
    for (const size of [1, 2, 3, 5, 11, 64, stream.length]) {
      test(`chunks of ${size} bytes`, async () => {
        const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, n) =>
          stream.subarray(n * size, (n + 1) * size),
        );
        expect(await inflate(chunks)).toBe(TEXT.repeat(5));
      });
    }
  });

  test('garbage behind a zstd frame is refused, as zstd does', async () => {
    await expect(inflate([SAMPLES.zstd, Buffer.from('garbage!')])).rejects.toMatchObject({ code: 'archive.damaged' });
  });

  test('garbage behind a gzip member is ignored, as gzip does', async () => {
    expect(await inflate([SAMPLES.gzip, Buffer.alloc(512)])).toBe(TEXT);
  });

  test('a stop in the middle ends the input too', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        while (true) yield SAMPLES.gzip;
      } finally {
        end();
      }
    }
    for await (const _ of decompressed(endless())) break;
    await ended;
  });

  test('an error of the input arrives as it is', async () => {
    async function* failing(): AsyncGenerator<Buffer> {
      yield SAMPLES.gzip.subarray(0, 12);
      throw new Error('the disk is gone');
    }
    await expect(Array.fromAsync(decompressed(failing()))).rejects.toThrow('the disk is gone');
  });
});

describe('limits of decompression', () => {
  const zeros = gzipSync(Buffer.alloc(1000));
  const cases = [
    // limits                                                     passes  what the row shows
    [{ maxDecompressedBytes: 1000 }, true, 'as many bytes as the limit'],
    [{ maxDecompressedBytes: 999 }, false, 'one byte more'],
    [{ ratioFreeBytes: 1000, maxCompressionRatio: 1 }, true, 'any ratio up to ratioFreeBytes'],
    [{ ratioFreeBytes: 999, maxCompressionRatio: 1 }, false, 'too high a ratio one byte above it'],
    [{ ratioFreeBytes: 0, maxCompressionRatio: 1000 / zeros.length }, true, 'exactly the ratio'],
    [{ ratioFreeBytes: 0, maxCompressionRatio: 999 / zeros.length }, false, 'just above the ratio'],
  ] as const;
  for (const [limits, passes, shows] of cases) {
    test(`${JSON.stringify(limits)}: ${shows}`, async () => {
      if (passes) expect(await inflate([zeros], limits)).toHaveLength(1000);
      else await expect(inflate([zeros], limits)).rejects.toMatchObject({ code: 'archive.limit-exceeded' });
    });
  }
});

async function inflate(chunks: readonly Uint8Array[], limits?: DecompressionOptions): Promise<string> {
  const input = (async function* () {
    for (const chunk of chunks) yield Buffer.from(chunk);
  })();
  return Buffer.concat(await Array.fromAsync(decompressed(input, limits))).toString();
}
