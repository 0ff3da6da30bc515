import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { Command } from '../command.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';

/** `cvescan layers delete`: a server forgets a layer. */
export const layersDeleteCommand: Command = {
  name: 'layers delete',
  summary: 'Have a server forget a layer, and all layers above it.',
  usage: 'cvescan layers delete [OPTIONS] NAME',
  description: TOKEN_HELP,
  options: SERVER_OPTIONS,

  async run(invocation) {
    const [name] = wordsOf(invocation, ['NAME']);
    await using api = openEndpoint(invocation);
    await new ClairClient(api).deleteLayer(name);
    return 0;
  },
};
