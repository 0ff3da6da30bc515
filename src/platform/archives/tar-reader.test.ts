import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncProperty, constantFrom, assert as hold, integer, uint8Array } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pax, TAR_END, type TarEntrySpec, tar, tarEntry } from '../../../test/tar.ts';
import { ScannerError } from '../../model/errors.ts';
import { type ByteInput, FileRangeInput, StreamInput } from './byte-input.ts';
import { readTar, type TarLimits } from './tar-reader.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tar-reader-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const LONG = 'very/'.repeat(50);

const cases: readonly (readonly [what: string, archive: Buffer, entries: readonly string[]])[] = [
  ['an empty file is an empty archive', Buffer.alloc(0), []],
  ['zeros alone are an empty archive', TAR_END, []],
  ['files with their bodies', tar({ path: 'a', body: 'one' }, { path: 'b' }), ['file a "one"', 'file b ""']],
  [
    'a body of exactly one block',
    tar({ path: 'a', body: 'x'.repeat(512) }, { path: 'b' }),
    [`file a "${'x'.repeat(512)}"`, 'file b ""'],
  ],
  ['a directory', tar({ path: 'd/', type: '5' }), ['directory d/ ""']],
  ['a V7 directory is known by its name', tar({ path: 'd/', type: '\0', magic: '' }), ['directory d/ ""']],
  [
    'symlink and hard link',
    tar({ path: 's', type: '2', linkPath: 't' }, { path: 'h', type: '1', linkPath: 'a' }),
    ['symlink s -> t ""', 'hardlink h -> a ""'],
  ],
  [
    'a link has no body whatever its size',
    tar({ path: 's', type: '2', linkPath: 't', sizeBytes: 99 }, { path: 'b' }),
    ['symlink s -> t ""', 'file b ""'],
  ],
  ['ustar: leading directories in the prefix', tar({ path: 'file', prefix: 'deep/down' }), ['file deep/down/file ""']],
  [
    'GNU: no prefix, whatever stands there',
    tar({ path: 'file', magic: 'ustar  \0', prefix: '14325' }),
    ['file file ""'],
  ],
  [
    'star: a shorter prefix',
    tar({ path: 'file', raw: { 345: 'deep', 476: '00000000001', 508: 'tar\0' } }),
    ['file deep/file ""'],
  ],
  [
    'GNU long name and long link',
    tar(
      { path: 'L', type: 'L', body: `${LONG}\0` },
      { path: 'K', type: 'K', body: `${LONG}x\0` },
      { path: 's', type: '2' },
    ),
    [`symlink ${LONG} -> ${LONG}x ""`],
  ],
  [
    'pax path, link and size',
    tar(pax({ path: 'ä/b', linkpath: 'ö', size: '2' }), { path: 'x', sizeBytes: 0, body: 'hi' }),
    ['file ä/b -> ö "hi"'],
  ],
  [
    'pax concerns the next entry only',
    tar(pax({ path: 'a' }), { path: 'x' }, { path: 'b' }),
    ['file a ""', 'file b ""'],
  ],
  [
    'a global pax header concerns all, a local one wins',
    tar(pax({ path: 'g' }, 'g'), { path: 'x' }, pax({ path: 'a' }), { path: 'x' }),
    ['file g ""', 'file a ""'],
  ],
  ['a size in base 256', tar({ path: 'a', body: 'hi', raw: { 124: '\x80\0\0\0\0\0\0\0\0\0\0\x02' } }), ['file a "hi"']],
  ['a number with spaces around it', tar({ path: 'a', body: 'hi', raw: { 124: '         2 \0' } }), ['file a "hi"']],
  [
    'sparse of pax 1.0: the real name',
    tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'real' }), { path: 'GNUSparseFile.0/real', body: 'map' }),
    ['file real sparse "map"'],
  ],
  [
    'old GNU sparse with one more block of the map',
    Buffer.concat([
      tarEntry({ path: 'a', type: 'S', magic: 'ustar  \0', raw: { 482: '\x01' }, sizeBytes: 2 }),
      Buffer.alloc(512),
      Buffer.from('hi'.padEnd(512, '\0')),
      tar({ path: 'b' }),
    ]),
    ['file a sparse "hi"', 'file b ""'],
  ],
  [
    'an unknown type is passed over with its body',
    tar({ path: 'v', type: 'V', body: 'x' }, { path: 'b' }),
    ['other v "x"', 'file b ""'],
  ],
  ['no zeros at the end', tarEntry({ path: 'a', body: 'one' }), ['file a "one"']],
  ['no padding at the end', tarEntry({ path: 'a', body: 'one' }).subarray(0, 515), ['file a "one"']],
  [
    'one block of zeros is passed over',
    Buffer.concat([tarEntry({ path: 'a' }), Buffer.alloc(512), tar({ path: 'b' })]),
    ['file a ""', 'file b ""'],
  ],
  ['what follows the end is no part of it', Buffer.concat([tar({ path: 'a' }), tar({ path: 'b' })]), ['file a ""']],
  [
    'two archives without an end between them',
    Buffer.concat([tarEntry({ path: 'a' }), tar({ path: 'a' })]),
    ['file a ""', 'file a ""'],
  ],
  ['a checksum over signed bytes', tar({ path: 'é', checksum: signedChecksum({ path: 'é' }) }), ['file é ""']],
];

describe('readTar', () => {
  for (const [what, archive, entries] of cases) {
    for (const [kind, read] of Object.entries({ stream: readStream, file: readFile })) {
      test(`${what} (${kind})`, async () => expect(await read(archive)).toEqual(entries));
    }
  }
});

const damages: readonly (readonly [what: string, archive: Buffer])[] = [
  ['text', Buffer.from('no tar at all'.padEnd(600, '.'))],
  ['a wrong checksum', tar({ path: 'a', checksum: '000000\0 ' })],
  ['a header that is cut', tarEntry({ path: 'a' }).subarray(0, 300)],
  ['a body that is cut', tarEntry({ path: 'a', body: 'x'.repeat(600) }).subarray(0, 1000)],
  ['a size far beyond the end', tar({ path: 'a', sizeBytes: 0o77777777777 })],
  ['a negative size', tar({ path: 'a', raw: { 124: '\xff'.repeat(12) } })],
  ['a size that no number holds', tar({ path: 'a', raw: { 124: '\x80\x7f'.padEnd(12, '\xff') } })],
  ['a size that is no number', tar({ path: 'a', raw: { 124: '12x4' } })],
  ['a pax record longer than its header', tar({ path: 'x', type: 'x', body: '99 path=a\n' }, { path: 'a' })],
  ['a pax record of no length', tar({ path: 'x', type: 'x', body: '0 path=a\n' }, { path: 'a' })],
  ['a pax size that is no number', tar(pax({ size: '-1' }), { path: 'a' })],
  ['a pax header that is cut', tarEntry({ path: 'x', type: 'x', sizeBytes: 5000 })],
  ['a sparse map that is cut', tarEntry({ path: 'a', type: 'S', raw: { 482: '\x01' } })],
];

describe('readTar refuses', () => {
  for (const [what, archive] of damages) {
    for (const [kind, read] of Object.entries({ stream: readStream, file: readFile })) {
      test(`${what} (${kind})`, async () => {
        await expect(read(archive)).rejects.toMatchObject({ code: 'archive.damaged' });
      });
    }
  }
});

describe('limits of readTar', () => {
  const long = tar({ path: 'L', type: 'L', body: `${'é'.repeat(50)}\0` }, { path: 'x' });
  test('a path of maxPathBytes', async () => expect(await readStream(long, { maxPathBytes: 100 })).toHaveLength(1));
  test('one byte more', async () => {
    const above = expect(readStream(long, { maxPathBytes: 99 })).rejects;
    await above.toMatchObject({ code: 'archive.limit-exceeded', details: { limit: 'maxPathBytes', value: 99 } });
  });
  test('an extension of maxExtensionBytes', async () =>
    expect(await readStream(long, { maxExtensionBytes: 101 })).toHaveLength(1));
  test('one byte more of it', async () => {
    const above = expect(readStream(long, { maxExtensionBytes: 100 })).rejects;
    await above.toMatchObject({ code: 'archive.limit-exceeded', details: { limit: 'maxExtensionBytes', value: 100 } });
  });
});

describe('properties of readTar', () => {
  const seed = tar(
    pax({ path: 'ä' }),
    { path: 'a', body: 'one' },
    { path: 's', type: '2', linkPath: 't' },
    { path: 'd/', type: '5' },
  );

  test('any bytes: entries or a ScannerError', async () => {
    await hold(
      asyncProperty(uint8Array({ maxLength: 3000 }), async (bytes) => {
        await endsWell(Buffer.from(bytes));
      }),
    );
  });

  test('a real archive with bytes changed or cut: the same from a stream and a file', async () => {
    const change = asyncProperty(
      integer({ min: 0, max: seed.length - 1 }),
      integer({ min: 0, max: 255 }),
      constantFrom('change', 'cut'),
      async (at, byte, how) => {
        const bytes = how === 'cut' ? seed.subarray(0, at) : Buffer.from(seed);
        if (how === 'change') bytes[at] = byte;
        expect(await endsWell(bytes)).toEqual(await endsWell(bytes, readFile));
      },
    );
    await hold(change, { numRuns: 300 });
  });
});

async function endsWell(bytes: Buffer, read = readStream): Promise<readonly string[] | string> {
  return read(bytes).catch((error: unknown) => {
    expect(error).toBeInstanceOf(ScannerError);
    return String(error);
  });
}

async function readStream(archive: Buffer, limits?: TarLimits): Promise<string[]> {
  const chunks = (async function* () {
    // Odd pieces, so that every header and body is cut somewhere.
    for (let i = 0; i < archive.length; i += 333) yield Buffer.from(archive.subarray(i, i + 333));
  })();
  return describeEntries(new StreamInput(chunks), limits);
}

async function readFile(archive: Buffer): Promise<string[]> {
  const path = join(directory, 'archive.tar');
  writeFileSync(path, Buffer.concat([Buffer.from('in front'), archive, Buffer.from('behind')]));
  const fd = openSync(path, 'r');
  try {
    return await describeEntries(new FileRangeInput(fd, { offset: 8, sizeBytes: archive.length }));
  } finally {
    closeSync(fd);
  }
}

async function describeEntries(input: ByteInput, limits?: TarLimits): Promise<string[]> {
  const lines: string[] = [];
  for await (const entry of readTar(input, limits)) {
    const link = entry.linkPath === '' ? '' : ` -> ${entry.linkPath}`;
    let body = '';
    for await (const piece of entry.body()) body += piece.toString();
    lines.push(`${entry.type} ${entry.path}${link}${entry.isSparse ? ' sparse' : ''} ${JSON.stringify(body)}`);
  }
  return lines;
}

/** What an old program with signed bytes writes: 256 less for each byte above 127. */
function signedChecksum(spec: TarEntrySpec): string {
  const header = tarEntry(spec).subarray(0, 512);
  const highBytes = header.filter((byte) => byte > 127).length;
  const sum = Number.parseInt(header.toString('latin1', 148, 154), 8) - 256 * highBytes;
  return `${sum.toString(8).padStart(6, '0')}\0 `;
}
