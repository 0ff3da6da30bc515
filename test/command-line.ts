import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { main, type World } from '../src/cli/command-line.ts';

/** What a command line gave. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const home = mkdtempSync(join(tmpdir(), 'cvescan-home-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));

/** Runs a command line in this process, in a world of its own: empty environment, a home of its own, a fixed clock. */
export async function runCommandLine(
  argv: readonly string[],
  { stdin = '', env = {}, ...world }: Partial<Omit<World, 'stdin'>> & { readonly stdin?: string } = {},
): Promise<Answer> {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(stdin);
  const texts = [stdout, stderr].map((stream) => stream.toArray());
  const code = await main(argv, {
    ...{ stdin: input, stdout, stderr },
    env: { HOME: home, ...env },
    now: () => new Date('2026-08-01T00:00:00Z'),
    signal: new AbortController().signal,
    ...world,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await Promise.all(texts);
  return { code, stdout: Buffer.concat(out ?? []).toString(), stderr: Buffer.concat(err ?? []).toString() };
}
