import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomically, writePieces } from './atomic-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cvescan-atomic-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('writeFileAtomically', () => {
  test('writes all pieces and leaves nothing beside the file', async () => {
    await writeFileAtomically(join(directory, 'report.json'), ['a', 'b']);
    expect(readdirSync(directory)).toEqual(['report.json']);
    expect(readFileSync(join(directory, 'report.json'), 'utf8')).toBe('ab');
  });

  test('keeps the former file when the pieces fail', async () => {
    writeFileSync(join(directory, 'report.json'), 'former');
    function* failing() {
      yield 'half';
      throw new Error('oops');
    }
    await expect(writeFileAtomically(join(directory, 'report.json'), failing())).rejects.toThrow('oops');
    expect(readdirSync(directory)).toEqual(['report.json']);
    expect(readFileSync(join(directory, 'report.json'), 'utf8')).toBe('former');
  });

  test('keeps a symlink and replaces what it points to', async () => {
    writeFileSync(join(directory, 'real'), 'former');
    symlinkSync('real', join(directory, 'link'));
    await writeFileAtomically(join(directory, 'link'), ['new']);
    expect(lstatSync(join(directory, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(directory, 'real'), 'utf8')).toBe('new');
  });

  for (const [path, message] of [
    ['/dev/full', 'cannot write /dev/full: no space is left on the disk (ENOSPC)'],
    ['/etc/passwd/report', 'cannot write /etc/passwd/report: a part of the path is no directory (ENOTDIR)'],
    ['/proc/none/report', 'cannot write /proc/none/report: it does not exist (ENOENT)'],
  ] as const) {
    test(message, () =>
      expect(writeFileAtomically(path, ['a'])).rejects.toMatchObject({ code: 'report.unwritable', message }),
    );
  }

  test('a device is written to, not replaced', async () => {
    await writeFileAtomically('/dev/null', ['a']);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('writePieces', () => {
  test('waits for a slow reader', async () => {
    const stream = new PassThrough({ highWaterMark: 1 });
    const text = stream.toArray();
    await writePieces(stream, ['a', 'b', 'c']);
    stream.end();
    expect(Buffer.concat(await text).toString()).toBe('abc');
  });

  test('stops when the reader has gone', async () => {
    const gone = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    gone.on('error', () => {});
    let taken = 0;
    await writePieces(
      gone,
      Iterator.from([1, 2, 3, 4]).map(() => `${taken++}`),
    );
    expect(taken).toBeLessThan(4);
  });
});
