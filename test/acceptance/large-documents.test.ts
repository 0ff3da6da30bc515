import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { readers } from '../../src/inventory/readers/registry.ts';
import { type LargeDocument, largeDocuments } from '../large-documents.ts';

const SIZE_BYTES = 200 * 1024 ** 2;
/** What a document of that size may take; less than a small build machine has. */
const MAX_MEMORY_MIB = 3000;

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
/** Says at its end how much memory the process took at most, in KiB. */
const REPORT_MEMORY = 'process.on("exit",()=>process.stderr.write("maxRSS="+process.resourceUsage().maxRSS+"\\n"))';

describe('documents of 200 MB', () => {
  test('every reader is tried', () => {
    expect(Object.keys(largeDocuments).sort()).toEqual(readers.map(({ name }) => name).sort());
  });

  for (const [reader, documents] of Object.entries(largeDocuments))
    for (const [shows, make] of Object.entries(documents))
      test(`${reader}, ${shows}: it is read, or refused with the limit named`, async () => {
        const { code, memoryMib, message } = await listPackages(reader, make);
        if (code === 0) expect(message).toBe('');
        else expect({ code, message }).toEqual({ code: 3, message: expect.stringMatching(/max[A-Z]\w+ \d+/) });
        expect(memoryMib).toBeLessThan(MAX_MEMORY_MIB);
      });
});

/** Lists the packages of a document that is written to standard input while it is made. */
async function listPackages(reader: string, make: LargeDocument) {
  const child = spawn(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${REPORT_MEMORY}`, main, 'packages', '-'],
      ...['--inventory-format', reader, '-o', 'purl=/dev/null'],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const written = text(child.stderr);
  const ended = once(child, 'exit');
  // Who has seen enough reads no further.
  child.stdin.on('error', () => {});
  for (const piece of make(SIZE_BYTES)) {
    if (child.exitCode !== null) break;
    if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), ended]).catch(() => {});
  }
  child.stdin.end();
  const [code] = await ended;
  const [message = '', memory] = (await written).split('maxRSS=');
  return { code, message, memoryMib: Number(memory) / 1024 };
}
