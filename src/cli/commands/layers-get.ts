import { printable } from '../../platform/terminal.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairLayer } from '../../wire/clair-v1/types.ts';
import { findingsOf } from '../clair-findings.ts';
import type { Command } from '../command.ts';
import { JSON_OUTPUT, openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wantsJson, wordsOf } from '../server-options.ts';
import { textTable } from '../text-table.ts';

/** `cvescan layers get`: what a server knows of a layer. */
export const layersGetCommand: Command = {
  name: 'layers get',
  summary: 'Show what a server knows of a layer: its packages and their vulnerabilities.',
  usage: 'cvescan layers get [OPTIONS] NAME',
  description: [
    'Packages are those of the layer and of all layers below, less what was removed; --all-layers lists that too.',
    TOKEN_HELP,
  ].join('\n'),
  options: {
    ...SERVER_OPTIONS,
    features: { type: 'boolean', help: 'packages only, without vulnerabilities' },
    'all-layers': { type: 'boolean', help: 'also packages that an upper layer removed' },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    const [name] = wordsOf(invocation, ['NAME']);
    const { options, stdout } = invocation;
    const asJson = wantsJson(invocation);
    await using api = openEndpoint(invocation);
    const layer = await new ClairClient(api).getLayer(name, [
      options.features ? 'features' : 'vulnerabilities',
      ...(options['all-layers'] ? (['allLayers'] as const) : []),
    ]);
    stdout.write(asJson ? `${JSON.stringify(layer, null, 2)}\n` : textOf(layer, options.features === true));
    return 0;
  },
};

function textOf(layer: ClairLayer, packagesOnly: boolean): string {
  const { Name = '', NamespaceName = 'no distribution', ParentName, Features = [] } = layer;
  const below = ParentName === undefined ? '' : `, on ${ParentName}`;
  const head = printable(`${Name}: ${NamespaceName}, ${Features.length} packages${below}`);
  const rows = packagesOnly
    ? Features.map(({ Name, Version, AddedBy, RemovedBy }) => [Name, Version, AddedBy, RemovedBy])
    : findingsOf(layer, []).map((it) => [it.severity, it.name, it.package, it.version, it.fixedBy ?? '-', it.layer]);
  return `${head}\n${textTable(rows)}`;
}
