import type { Command, OptionSpec } from './command.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';
import { GLOBAL_OPTIONS } from './options.ts';

/** What the list of commands shows of each. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Pick<Command, 'name' | 'summary'>[];
}

/** `cvescan --help`: the commands by group, and what holds for all of them. */
export function generalHelp(groups: readonly CommandGroup[]): string {
  const width = widest(groups.flatMap(({ commands }) => commands.map(({ name }) => name)));
  return [
    'Finds known vulnerabilities in container images, root file systems, SBOMs and Linux kernels.',
    '',
    'Usage: cvescan COMMAND [OPTIONS] [ARGUMENTS]',
    ...groups.flatMap(({ title, commands }) => [
      '',
      `${title}:`,
      ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    ]),
    '',
    'Options of all commands:',
    ...optionLines(GLOBAL_OPTIONS),
    '',
    'cvescan COMMAND --help tells more. Start with: cvescan datasources-update, then cvescan scan TARGET.',
    '',
  ].join('\n');
}

/** `cvescan COMMAND --help`. */
export function commandHelp(command: Command): string {
  const own = Object.entries(command.options).filter(([name]) => !Object.hasOwn(GLOBAL_OPTIONS, name));
  const codes = [0, 1, 2, 3, ...(command.exitCodes ?? [])] as readonly ExitCode[];
  return [
    command.summary,
    '',
    `Usage: ${command.usage}`,
    ...(command.description ? ['', command.description.trim()] : []),
    ...(own.length > 0 ? ['', 'Options:', ...optionLines(Object.fromEntries(own))] : []),
    '',
    'Options of all commands:',
    ...optionLines({ ...GLOBAL_OPTIONS, ...pick(command.options, Object.keys(GLOBAL_OPTIONS)) }),
    '',
    'Exit codes:',
    ...codes.map((code) => `  ${String(code).padEnd(4)}${EXIT_CODES[code]}`),
    '',
  ].join('\n');
}

function optionLines(specs: Readonly<Record<string, OptionSpec>>): string[] {
  const rows = Object.entries(specs).map(([name, spec]) => ({
    flag: `${spec.short ? `-${spec.short}, ` : ''}--${name}${spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : ''}`,
    help: `${spec.help}${spec.multiple ? ' (repeatable)' : ''}`,
  }));
  const width = Math.min(widest(rows.map(({ flag }) => flag)), 34);
  return rows.map(({ flag, help }) =>
    flag.length > width ? `  ${flag}\n  ${' '.repeat(width)}  ${help}` : `  ${flag.padEnd(width)}  ${help}`,
  );
}

function pick<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.includes(key)));
}

function widest(words: readonly string[]): number {
  return words.reduce((width, word) => Math.max(width, word.length), 0);
}
