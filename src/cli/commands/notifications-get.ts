import { printable } from '../../platform/terminal.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairNotification, ClairVulnerabilityWithLayers } from '../../wire/clair-v1/types.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from '../server-options.ts';
import { textTable } from '../text-table.ts';

/** Layers of a page. */
const PAGE_COUNT = 1000;

/** `cvescan notifications get`: what a notification is about, and which layers it concerns. */
export const notificationsGetCommand: Command = {
  name: 'notifications get',
  summary: 'Show what a notification is about, and which layers it concerns.',
  usage: 'cvescan notifications get [OPTIONS] NAME',
  description: ['NAME is what the server sent to its subscribers.', TOKEN_HELP].join('\n'),
  options: { ...SERVER_OPTIONS, output: JSON_OUTPUT },

  async run(invocation) {
    const [name] = wordsOf(invocation, ['NAME']);
    const asJson = wantsJson(invocation);
    await using api = openEndpoint(invocation);
    const notification = await allPages(new ClairClient(api), name);
    invocation.stdout.write(asJson ? `${JSON.stringify(notification, null, 2)}\n` : textOf(notification));
    return 0;
  },
};

/** The notification with the layers of all its pages. */
async function allPages(client: ClairClient, name: string): Promise<ClairNotification> {
  let { NextPage: next, Page: _page, Limit: _limit, ...whole } = await client.getNotification(name, PAGE_COUNT);
  const seen = new Set<string>();
  while (next !== undefined && !seen.has(next)) {
    seen.add(next);
    const page = await client.getNotification(name, PAGE_COUNT, next);
    const [Old, New] = [join(whole.Old, page.Old), join(whole.New, page.New)];
    whole = { ...whole, ...(Old && { Old }), ...(New && { New }) };
    next = page.NextPage;
  }
  return whole;
}

function join(
  whole: ClairVulnerabilityWithLayers | undefined,
  page: ClairVulnerabilityWithLayers | undefined,
): ClairVulnerabilityWithLayers | undefined {
  if (!whole || !page) return whole ?? page;
  const list = <Item>(key: (it: ClairVulnerabilityWithLayers) => readonly Item[] | undefined) => [
    ...(key(whole) ?? []),
    ...(key(page) ?? []),
  ];
  return {
    ...whole,
    OrderedLayersIntroducingVulnerability: list((it) => it.OrderedLayersIntroducingVulnerability),
    LayersIntroducingVulnerability: list((it) => it.LayersIntroducingVulnerability),
  };
}

function textOf({ Name = '', Created, Notified, Deleted, Old, New }: ClairNotification): string {
  const times = [
    ['created', Created],
    ['notified', Notified],
    ['read', Deleted],
  ].flatMap(([label, seconds]) => (seconds === undefined ? [] : [`${label} ${timeOf(seconds)}`]));
  return [`${printable(Name)}: ${times.join(', ')}\n`, revision('before', Old), revision('now', New)].join('');
}

function revision(label: string, revision: ClairVulnerabilityWithLayers | undefined): string {
  if (!revision) return `${label}: not listed\n`;
  const { Vulnerability: { Name, NamespaceName, Severity, FixedIn = [] } = {} } = revision;
  const layers = revision.LayersIntroducingVulnerability ?? [];
  const fixes = FixedIn.map((it) => [`  ${it.Name}`, it.Version === 'None' ? 'no fix' : `fixed in ${it.Version}`]);
  const head = printable(`${label}: ${Name} (${Severity}) in ${NamespaceName}, brought by ${layers.length} layers`);
  return `${head}\n${textTable(fixes)}${layers.map((layer) => `  layer ${printable(layer)}\n`).join('')}`;
}

/** Seconds since 1970 as a date; what is no number as it is. */
function timeOf(seconds: string): string {
  const date = new Date(Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? printable(seconds) : date.toISOString();
}
