import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import type { Command } from '../command.ts';
import {
  countOf,
  JSON_OUTPUT,
  openEndpoint,
  SERVER_OPTIONS,
  TOKEN_HELP,
  wantsJson,
  wordsOf,
} from '../server-options.ts';
import { textTable } from '../text-table.ts';

const PAGE_COUNT = 1000;

/** `cvescan vulnerabilities list`: the vulnerabilities of a namespace that a server knows. */
export const vulnerabilitiesListCommand: Command = {
  name: 'vulnerabilities list',
  summary: 'List the vulnerabilities of a namespace that a server knows.',
  usage: 'cvescan vulnerabilities list [OPTIONS] NAMESPACE',
  description: [TOKEN_HELP, '', 'Example:', '  cvescan vulnerabilities list --limit 20 debian:12'].join('\n'),
  options: {
    ...SERVER_OPTIONS,
    limit: { type: 'string', value: 'COUNT', help: 'no more than this (default: all)' },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    const [namespace] = wordsOf(invocation, ['NAMESPACE']);
    const [limit, asJson] = [countOf(invocation, 'limit', Number.POSITIVE_INFINITY), wantsJson(invocation)];
    await using api = openEndpoint(invocation);
    const found: ClairVulnerability[] = [];
    for await (const page of pagesOf(new ClairClient(api), namespace, limit)) {
      if (asJson) found.push(...page);
      else invocation.stdout.write(textTable(page.map(({ Severity, Name, Link }) => [Severity, Name, Link])));
    }
    if (asJson) invocation.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return 0;
  },
};

/** Pages until there are no more, or enough. */
async function* pagesOf(client: ClairClient, namespace: string, limit: number) {
  let page: string | undefined;
  for (let left = limit; left > 0; ) {
    const { vulnerabilities, nextPage } = await client.listVulnerabilities(namespace, Math.min(left, PAGE_COUNT), page);
    yield vulnerabilities;
    left -= vulnerabilities.length;
    if (nextPage === undefined || vulnerabilities.length === 0) return;
    page = nextPage;
  }
}
