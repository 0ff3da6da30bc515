import { ApiV1Client } from '../../wire/api-v1/client.ts';
import type { Command } from '../command.ts';
import { scanTable } from '../scan-text.ts';
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

/** `cvescan scans list`: the scans that a server keeps. */
export const scansListCommand: Command = {
  name: 'scans list',
  summary: 'List the scans of a server, the newest first.',
  usage: 'cvescan scans list [OPTIONS]',
  description: TOKEN_HELP,
  options: {
    ...SERVER_OPTIONS,
    limit: { type: 'string', value: 'COUNT', help: `no more than this (default ${DEFAULT_LIMIT})` },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    wordsOf(invocation, []);
    const [limit, asJson] = [countOf(invocation, 'limit', DEFAULT_LIMIT), wantsJson(invocation)];
    await using api = openEndpoint(invocation);
    const scans = await new ApiV1Client(api).listScans({ limit });
    invocation.stdout.write(asJson ? `${JSON.stringify(scans, null, 2)}\n` : scanTable(scans));
    return 0;
  },
};
