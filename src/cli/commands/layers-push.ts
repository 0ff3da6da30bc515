import { ScannerError } from '../../model/errors.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { Command, Invocation } from '../command.ts';
import { listOf } from '../outputs.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';

/** `cvescan layers push`: has a server analyse one layer. */
export const layersPushCommand: Command = {
  name: 'layers push',
  summary: 'Have a server analyse a layer.',
  usage: 'cvescan layers push [OPTIONS] NAME PATH',
  description: [
    'PATH is a URL from which the server can fetch the layer, or a file of the server below its worker.localpaths. The layer below is',
    'pushed first and named by --parent. A name that the server knows is not read again.',
    TOKEN_HELP,
    '',
    'Example:',
    '  cvescan layers push --parent base app http://192.0.2.7/app.tar.gz',
  ].join('\n'),
  options: {
    ...SERVER_OPTIONS,
    parent: { type: 'string', value: 'NAME', help: 'name of the layer below' },
    format: { type: 'string', value: 'FORMAT', help: 'docker or aci (default: docker)' },
    header: {
      type: 'string',
      value: "'NAME: VALUE'",
      multiple: true,
      help: 'a header with which the server fetches the layer',
    },
  },

  async run(invocation) {
    const [Name, Path] = wordsOf(invocation, ['NAME', 'PATH']);
    const { parent, format, header, quiet } = invocation.options;
    await using api = openEndpoint(invocation);
    await new ClairClient(api).postLayer({
      Name,
      Path,
      Format: typeof format === 'string' ? format : 'docker',
      ...(typeof parent === 'string' && { ParentName: parent }),
      ...(header !== undefined && { Headers: headersOf(header) }),
    });
    if (!quiet) invocation.stdout.write(`${Name}: analysed\n`);
    return 0;
  },
};

function headersOf(values: Invocation['options'][string]): Record<string, string> {
  return Object.fromEntries(
    listOf(values).map((value) => {
      const [, name, text] = /^([^:\s]+):\s*(.*)$/.exec(value) ?? [];
      if (name === undefined || text === undefined) {
        throw new ScannerError('usage.invalid', `--header ${value}: write it like 'Authorization: Bearer …'`);
      }
      return [name, text];
    }),
  );
}
