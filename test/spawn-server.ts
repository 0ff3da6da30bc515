import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import type { StateOptions } from '../src/state/state.ts';

/** A server in a process of its own, as `cvescan serve` starts it. */
export interface SpawnedServer extends AsyncDisposable {
  readonly url: string;
  readonly healthUrl: string;
  readonly pid: number;
  /** Sends a signal. @returns how the process ended, and what it had logged. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly log: string }>;
}

/** @param directory of the test's own. @param more further keys of the configuration. */
export async function spawnServer(
  directory: string,
  database: StateOptions,
  more: { readonly clair?: object; readonly ours?: object; readonly arguments?: readonly string[] } = {},
): Promise<SpawnedServer> {
  const config = join(directory, 'config.yml');
  const source = database.type === 'sqlite' ? database.file : database.source;
  const clair = {
    database: { type: database.type, options: { source } },
    api: { addr: '127.0.0.1:0', healthaddr: '127.0.0.1:0' },
    updater: { interval: '0' },
    ...more.clair,
  };
  writeFileSync(config, stringify({ clair, ...more.ours }));
  const main = resolve(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'serve', '-config', config, ...(more.arguments ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: directory },
  });
  const log = text(child.stdout);
  const exited = once(child, 'exit');
  const said = await Promise.race([firstLine(child.stderr), exited.then(() => 'it ended')]);
  const [, url, healthUrl] = /API at (\S+), health at (\S+)/.exec(said) ?? [];
  if (url === undefined || healthUrl === undefined) throw new Error(`the server did not start: ${said} ${await log}`);
  const end: SpawnedServer['end'] = async (signal) => {
    child.kill(signal);
    const [code] = await exited;
    return { code, log: await log };
  };
  return {
    ...{ url, healthUrl, pid: child.pid!, end },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let said = '';
  for await (const chunk of stream) {
    said += chunk;
    if (said.includes('API at')) break;
  }
  return said;
}
