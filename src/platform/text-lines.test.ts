import { expect, test } from 'vitest';
import { textLines } from './text-lines.ts';

async function linesOf(...chunks: readonly Buffer[]): Promise<string[]> {
  async function* stream() {
    yield* chunks;
  }
  return Array.fromAsync(textLines(stream()));
}

test('lines end with \\n or \\r\\n, the last one may have no end', async () => {
  expect(await linesOf(Buffer.from('a\r\nb\n\nc'))).toEqual(['a', 'b', '', 'c']);
  expect(await linesOf(Buffer.from('a\n'))).toEqual(['a']);
  expect(await linesOf()).toEqual([]);
});

test('a chunk may end inside a line, a letter or a line end', async () => {
  const bytes = Buffer.from('größe\r\n漢\n');
  for (let at = 0; at <= bytes.length; at++) {
    expect(await linesOf(bytes.subarray(0, at), bytes.subarray(at))).toEqual(['größe', '漢']);
  }
});
