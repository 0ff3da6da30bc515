import { ScannerError } from '../../model/errors.ts';
import type { Command } from '../command.ts';
import { readServerSettings } from '../server-settings.ts';

/** `cvescan config check`: whether a configuration is one, without starting anything. */
export const configCheckCommand: Command = {
  name: 'config check',
  summary: 'Check a configuration file, also one of Clair.',
  usage: 'cvescan config check FILE',
  description: [
    'Unknown keys below `clair` are warnings, as Clair ignores them; anything else that is wrong is an error (exit code 2).',
    'docs/reference/configuration.md lists all keys.',
  ].join('\n'),
  options: {},

  async run(invocation) {
    const [file, ...others] = invocation.positionals;
    if (file === undefined || others.length > 0) throw new ScannerError('usage.invalid', 'give one FILE');
    const { server } = await readServerSettings(invocation, file);
    for (const warning of server.warnings) invocation.stderr.write(`warning: ${warning}\n`);
    if (!invocation.options.quiet) invocation.stdout.write(`${file} is a configuration that cvescan takes\n`);
    return 0;
  },
};
