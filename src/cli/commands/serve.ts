import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { ScannerError } from '../../model/errors.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import type { Command, Invocation } from '../command.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan serve`: the server, until it is told to stop. */
export const serveCommand: Command = {
  name: 'serve',
  summary: "Serve Clair's API, the jobs API and health, and keep the advisories up to date.",
  usage: 'cvescan serve [--config FILE] [OPTIONS]',
  description: [
    "Takes Clair's configuration as it is, and its options with one dash. Without a file it listens on this machine only,",
    'at 127.0.0.1:6060 (API) and :6061 (health, metrics), and keeps its state in SQLite.',
    'SIGINT and SIGTERM end it once running requests are answered; SIGHUP reads the certificates again.',
    '',
    'docs/reference/configuration.md lists all keys; docs/how-to/run-the-server.md shows how to begin.',
  ].join('\n'),
  singleDash: true,
  options: {
    'log-level': {
      type: 'string',
      value: 'LEVEL',
      help: 'debug, info, warning, error, fatal or panic (default: info)',
    },
    'insecure-tls': { type: 'boolean', help: "do not check the certificates of layers' servers" },
    'cpu-profile': {
      type: 'string',
      value: 'FILE',
      help: 'write a CPU profile there (of V8, for DevTools) at the end',
    },
  },

  async run(invocation) {
    const { options, signal, stdout, stderr, env } = invocation;
    const { server: config, databaseDirectory, cacheDirectory, datasources } = await readServerSettings(invocation);
    const { createLog, LOG_LEVELS } = await import('../../server/log.ts');
    const level = typeof options['log-level'] === 'string' ? options['log-level'] : 'info';
    if (!LOG_LEVELS.includes(level)) {
      throw new ScannerError('usage.invalid', `--log-level ${level} is no level${didYouMean(level, LOG_LEVELS)}`);
    }
    // What requests leave behind is collected sooner: with V8's own bound each thread keeps up to 48 MB of it.
    setFlagsFromString('--max-semi-space-size=4');
    const { startServer } = await import('../../server/serve.ts');
    await using _ = await profileTo(options['cpu-profile']);
    const server = await startServer({
      ...{ config, databaseDirectory, cacheDirectory, datasources, env, log: createLog(level, stdout) },
      insecureTls: options['insecure-tls'] === true,
    });
    if (!options.quiet) stderr.write(`cvescan: API at ${server.apiUrl ?? '(off)'}, health at ${server.healthUrl}\n`);
    const reload = () => server.reload();
    process.on('SIGHUP', reload);
    await aborted(signal);
    process.off('SIGHUP', reload);
    await server.stop();
    return 0;
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Profiles until it is disposed of. */
async function profileTo(file: Invocation['options'][string]): Promise<AsyncDisposable> {
  if (typeof file !== 'string') return { [Symbol.asyncDispose]: async () => {} };
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return {
    async [Symbol.asyncDispose]() {
      const { profile } = await session.post('Profiler.stop');
      writeFileSync(file, JSON.stringify(profile));
      session.disconnect();
    },
  };
}
