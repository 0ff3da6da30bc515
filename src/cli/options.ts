import type { OptionSpec } from './command.ts';

/** Options that every command takes, before or after its words. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  config: { type: 'string', value: 'FILE', allowsEmpty: true, help: "the configuration file; '' for none" },
  db: { type: 'string', value: 'DIR', help: 'directory of the advisory database' },
  quiet: { type: 'boolean', short: 'q', help: 'no progress and no warnings on standard error' },
  'no-color': { type: 'boolean', help: 'no colours (also NO_COLOR=1)' },
  help: { type: 'boolean', short: 'h', help: 'print what a command does and takes' },
  version: { type: 'boolean', help: 'print the version' },
};
