import { PassThrough } from 'node:stream';
import { main, type World } from '../src/cli/command-line.ts';

/** What a command line gave. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, in a world of its own: empty environment, a fixed clock. */
export async function runCommandLine(
  argv: readonly string[],
  { stdin = '', env = {}, ...world }: Partial<Omit<World, 'stdin'>> & { readonly stdin?: string } = {},
): Promise<Answer> {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  input.end(stdin);
  const texts = [stdout, stderr].map((stream) => stream.toArray());
  const code = await main(argv, {
    ...{ stdin: input, stdout, stderr },
    env: { HOME: '/nonexistent', ...env },
    now: () => new Date('2026-08-01T00:00:00Z'),
    signal: new AbortController().signal,
    ...world,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await Promise.all(texts);
  return { code, stdout: Buffer.concat(out ?? []).toString(), stderr: Buffer.concat(err ?? []).toString() };
}
