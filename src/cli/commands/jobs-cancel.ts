import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { Command } from '../command.ts';
import { jobText } from '../job-text.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from '../server-options.ts';

/** `cvescan jobs cancel`: a job is not wanted any more. */
export const jobsCancelCommand: Command = {
  name: 'jobs cancel',
  summary: 'End a job of a server that has not ended.',
  usage: 'cvescan jobs cancel [OPTIONS] ID',
  description: TOKEN_HELP,
  options: { ...SERVER_OPTIONS, output: JSON_OUTPUT },

  async run(invocation) {
    const [id] = wordsOf(invocation, ['ID']);
    const asJson = wantsJson(invocation);
    await using api = openEndpoint(invocation);
    const job = await new ApiV1Client(api).cancelJob(id);
    invocation.stdout.write(asJson ? `${JSON.stringify(job, null, 2)}\n` : jobText(job));
    return 0;
  },
};
