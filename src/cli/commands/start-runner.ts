import { ScannerError } from '../../model/errors.ts';
import type { Command, OptionValues } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan start-runner`: leases jobs of a server and does them, in the foreground. */
export const startRunnerCommand: Command = {
  name: 'start-runner',
  summary: 'Do the jobs of a server: scans and updates, in the foreground.',
  usage: 'cvescan start-runner [OPTIONS]',
  description: [
    'The settings are the section `runner` of the configuration, or CVESCAN_RUNNER_* of the environment, or the files that',
    'CVESCAN_RUNNER_*_FILE name; docs/reference/runner.md lists them. endpoint and token are needed. The first update begins at once.',
    '',
    'SIGINT: no new jobs; those that run are finished and reported. SIGTERM, or a second SIGINT: they are given back. Exit codes 0 and 143.',
  ].join('\n'),
  options: {
    endpoint: { type: 'string', value: 'URL', help: 'the server' },
    'n-workers': { type: 'string', value: 'N', help: 'jobs that are done at once' },
    once: { type: 'boolean', help: 'end when the server has no more jobs' },
    'log-format': { type: 'string', value: 'text|json', help: 'lines for people (default), or JSON' },
  },

  async run(invocation) {
    const { options, positionals, stderr, env, now, takeSignals = () => {} } = invocation;
    if (positionals.length > 0) throw new ScannerError('usage.invalid', `usage: ${startRunnerCommand.usage}`);
    const form = logFormat(options);
    const settings = await readSettings(invocation);
    // Loaded here only: the settings and all that a runner stands on.
    const [{ readRunnerSettings }, { startRunner }, { createRunnerLog }] = await Promise.all([
      import('../../runner/runner-settings.ts'),
      import('../../runner/start-runner.ts'),
      import('../../runner/runner-log.ts'),
    ]);
    const { endpoint, 'n-workers': workers } = options;
    const commandLine = {
      ...(typeof endpoint === 'string' && { endpoint }),
      ...(typeof workers === 'string' && { n_workers: workers }),
    };
    const { databaseDirectory, cacheDirectory, datasources } = settings;
    const end = await startRunner(readRunnerSettings({ commandLine, env, ...settings.runner }), {
      ...{ databaseDirectory, cacheDirectory, datasources, env, takeSignals },
      log: createRunnerLog(stderr, form, now),
      once: options.once === true,
    });
    return end === 'terminated' ? 143 : 0;
  },
};

function logFormat({ 'log-format': form = 'text' }: OptionValues): 'text' | 'json' {
  if (form === 'text' || form === 'json') return form;
  throw new ScannerError('usage.invalid', `--log-format ${form}: it is text or json`);
}
