import { ApiV1Client } from '../wire/api-v1/client.ts';
import type { Command } from './command.ts';
import { jobText } from './job-text.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from './server-options.ts';

/** A command that takes the id of a job, asks a server of it, and shows the job as it is then. */
export function jobCommand(
  word: 'show' | 'cancel' | 'retry',
  summary: string,
  ask: (client: ApiV1Client, id: string) => ReturnType<ApiV1Client['findJob']>,
): Command {
  return {
    name: `jobs ${word}`,
    summary,
    usage: `cvescan jobs ${word} [OPTIONS] ID`,
    description: TOKEN_HELP,
    options: { ...SERVER_OPTIONS, output: JSON_OUTPUT },

    async run(invocation) {
      const [id] = wordsOf(invocation, ['ID']);
      const asJson = wantsJson(invocation);
      await using api = openEndpoint(invocation);
      const job = await ask(new ApiV1Client(api), id);
      invocation.stdout.write(asJson ? `${JSON.stringify(job, null, 2)}\n` : jobText(job));
      return 0;
    },
  };
}
