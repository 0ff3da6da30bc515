import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { placesOf } from '../platform/places.ts';
import { quietWarnings } from '../platform/quiet-warnings.ts';
import type { Invocation } from './command.ts';

// Runs the command line of this process and ends it with the command's exit code. From sources: `node src/cli/main.ts ARGS`;
// the bundle comes here through `entry.ts`.

await run();

async function run(): Promise<void> {
  // Not the runtime's default below /tmp, where another user could lay down code for us.
  enableCompileCache(join(placesOf(process.env).cache, 'compiled'));
  quietWarnings();
  const { main } = await import('./command-line.ts');
  const { flush } = await import('./standard-output.ts');
  const { stdin, stdout, stderr, env } = process;
  const code = await main(process.argv.slice(2), {
    stdin,
    stdout,
    stderr,
    env,
    now: () => new Date(),
    ...signals(),
  });
  await flush(stderr);
  process.exit(code);
}

/** The first SIGINT or SIGTERM asks the command to clean up; a second one ends the process at once, unless the command takes them. */
function signals(): Required<Pick<Invocation, 'signal' | 'takeSignals'>> {
  const controller = new AbortController();
  let taken: ((signal: 'SIGINT' | 'SIGTERM') => void) | undefined;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (taken) return taken(signal);
      if (controller.signal.aborted) process.exit(code);
      controller.abort(signal);
    });
  }
  const takeSignals = (listener: NonNullable<typeof taken>): void => {
    taken = listener;
  };
  return { signal: controller.signal, takeSignals };
}
