import { ScannerError } from '../../model/errors.ts';
import { readConfig } from '../../platform/config.ts';
import type { Command } from '../command.ts';
import { configPlaces, readServerSettings } from '../server-settings.ts';

/** `cvescan config print`: the server's configuration in effect. */
export const configPrintCommand: Command = {
  name: 'config print',
  summary: 'Print the configuration of the server with its defaults, without secrets.',
  usage: 'cvescan config print [FILE]',
  description: 'Without FILE: that of --config, else the one that the server would find.',
  options: {},

  async run(invocation) {
    const [file = invocation.options.config as string | undefined, ...others] = invocation.positionals;
    if (others.length > 0) throw new ScannerError('usage.invalid', 'give one FILE');
    const { server } = await readServerSettings(invocation, file);
    for (const warning of server.warnings) invocation.stderr.write(`warning: ${warning}\n`);
    const read = await readConfig(invocation.env, configPlaces(invocation.env), file);
    const { printConfig } = await import('../../server/config/print-config.ts');
    invocation.stdout.write(`# ${read.file ?? 'no file: the defaults'}\n${printConfig(read.server, read.file ?? '')}`);
    return 0;
  },
};
