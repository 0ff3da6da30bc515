import { readConfig } from '../../platform/config.ts';
import type { Command } from '../command.ts';
import { configPlaces, readServerSettings } from '../server-settings.ts';

/** `cvescan config print`: the server's configuration in effect. */
export const configPrintCommand: Command = {
  name: 'config print',
  summary: 'Print the configuration of the server with its defaults, without secrets.',
  usage: 'cvescan config print [--config FILE]',
  options: {},

  async run(invocation) {
    const { server } = await readServerSettings(invocation);
    for (const warning of server.warnings) invocation.stderr.write(`warning: ${warning}\n`);
    const { config } = invocation.options;
    const read = await readConfig(invocation.env, configPlaces(invocation.env), config as string | undefined);
    const { printConfig } = await import('../../server/config/print-config.ts');
    invocation.stdout.write(`# ${read.file ?? 'no file: the defaults'}\n${printConfig(read.server, read.file ?? '')}`);
    return 0;
  },
};
