import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { Command } from '../command.ts';
import { jobText } from '../job-text.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from '../server-options.ts';

/** `cvescan jobs show`: what became of a job. */
export const jobsShowCommand: Command = {
  name: 'jobs show',
  summary: 'Show a job of a server, with the history of its attempts.',
  usage: 'cvescan jobs show [OPTIONS] ID',
  description: TOKEN_HELP,
  options: { ...SERVER_OPTIONS, output: JSON_OUTPUT },

  async run(invocation) {
    const [id] = wordsOf(invocation, ['ID']);
    const asJson = wantsJson(invocation);
    await using api = openEndpoint(invocation);
    const job = await new ApiV1Client(api).findJob(id);
    invocation.stdout.write(asJson ? `${JSON.stringify(job, null, 2)}\n` : jobText(job));
    return 0;
  },
};
