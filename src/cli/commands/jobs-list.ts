import { ScannerError } from '../../model/errors.ts';
import { JOB_STATES } from '../../model/job.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { Command, OptionValues } from '../command.ts';
import { jobTable } from '../job-text.ts';
import {
  countOf,
  JSON_OUTPUT,
  openEndpoint,
  SERVER_OPTIONS,
  TOKEN_HELP,
  wantsJson,
  wordsOf,
} from '../server-options.ts';

const DEFAULT_LIMIT = 100;

/** `cvescan jobs list`: what a server's queue holds. */
export const jobsListCommand: Command = {
  name: 'jobs list',
  summary: 'List the jobs of a server, the newest first.',
  usage: 'cvescan jobs list [OPTIONS]',
  description: TOKEN_HELP,
  options: {
    ...SERVER_OPTIONS,
    state: { type: 'string', value: JOB_STATES.join('|'), help: 'only those' },
    limit: { type: 'string', value: 'COUNT', help: `no more than this (default ${DEFAULT_LIMIT})` },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    wordsOf(invocation, []);
    const [limit, asJson] = [countOf(invocation, 'limit', DEFAULT_LIMIT), wantsJson(invocation)];
    const state = stateOf(invocation.options);
    await using api = openEndpoint(invocation);
    const jobs = await new ApiV1Client(api).listJobs({ limit, state });
    invocation.stdout.write(asJson ? `${JSON.stringify(jobs, null, 2)}\n` : jobTable(jobs));
    return 0;
  },
};

function stateOf({ state }: OptionValues): string | undefined {
  if (state === undefined || (JOB_STATES as readonly unknown[]).includes(state)) return state as string | undefined;
  throw new ScannerError(
    'usage.invalid',
    `--state ${state}: it is one of ${JOB_STATES.join(', ')}${didYouMean(String(state), JOB_STATES)}`,
  );
}
