import packageJson from '../../package.json' with { type: 'json' };
import { ERRORS, ScannerError } from '../model/errors.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import { printable } from '../platform/terminal.ts';
import { readArguments, tokensOf, withDoubleDashes } from './arguments.ts';
import type { Command, Invocation } from './command.ts';
import { commandHelp, generalHelp } from './help.ts';
import { GLOBAL_OPTIONS } from './options.ts';
import { type CommandEntry, commands } from './registry.ts';
import { watchOutput } from './standard-output.ts';

/** The outside of the command line: a test hands in its own. */
export type World = Omit<Invocation, 'options' | 'positionals'>;

/**
 * Runs one command line.
 *
 * @param argv without the program's name.
 * @param entries the commands there are.
 * @returns the exit code (`exit-codes.ts`). Never throws: every error becomes text on standard error and a code, here only.
 */
export async function main(argv: readonly string[], world: World, entries = commands): Promise<number> {
  const written = watchOutput(world.stdout);
  watchOutput(world.stderr);
  try {
    const code = await dispatch(argv, world, entries);
    await written();
    return code;
  } catch (error) {
    if (world.signal.aborted) {
      world.stderr.write('cvescan: interrupted\n');
      return world.signal.reason === 'SIGTERM' ? 143 : 130;
    }
    if (error instanceof ScannerError) {
      world.stderr.write(`cvescan: ${printable(error.message)}\n`);
      return ERRORS[error.code].exit;
    }
    const stack = error instanceof Error ? error.stack : String(error);
    world.stderr.write(`cvescan: this is a bug, please report it with the lines below\n${stack}\n`);
    return 1;
  }
}

async function dispatch(argv: readonly string[], world: World, entries: Entries): Promise<number> {
  const words = commandWords(argv);
  const [first, second] = words.map(({ word }) => word);
  if (first === 'help') return dispatch([...argv.toSpliced(words[0]?.index ?? 0, 1), '--help'], world, entries);

  const named = (name: string) => entries.find((entry) => entry.name === name);
  const entry = named(`${first} ${second}`) ?? named(first ?? '');
  if (!entry) return answerWithoutCommand(argv, [first, second], { world, entries });

  const used = new Set(words.slice(0, entry.name.split(' ').length).map(({ index }) => index));
  const rest = argv.filter((_, index) => !used.has(index));
  const command = await entry.load();
  const specs = { ...GLOBAL_OPTIONS, ...command.options };
  const given = command.singleDash ? withDoubleDashes(rest, specs) : rest;
  const { options, positionals } = readArguments(given, specs, command.name);
  if (options.help) {
    world.stdout.write(commandHelp(command));
    return 0;
  }
  return command.run({ ...world, options, positionals });
}

interface Word {
  readonly word: string;
  readonly index: number;
}

/** The first words that are no options: those may name a command. */
function commandWords(argv: readonly string[]): Word[] {
  return tokensOf(argv, GLOBAL_OPTIONS)
    .filter((token) => token.kind === 'positional')
    .slice(0, 2)
    .map(({ value, index }) => ({ word: value, index }));
}

type Entries = readonly CommandEntry[];

/** `--version`, the lists of commands, or the error that names the nearest command. */
async function answerWithoutCommand(
  argv: readonly string[],
  [first, second]: readonly (string | undefined)[],
  { world, entries }: { readonly world: World; readonly entries: Entries },
): Promise<number> {
  const group = entries.filter(({ name }) => name.startsWith(`${first} `));
  const wantsHelp = argv.includes('--help') || argv.includes('-h');
  if (first !== undefined && !(wantsHelp && group.length > 0)) throw unknownCommand([first, second], group, entries);

  const { options } = readArguments(argv, GLOBAL_OPTIONS, '');
  if (options.version) {
    world.stdout.write(`cvescan ${packageJson.version}\n`);
    return 0;
  }
  const list = await listCommands(first === undefined ? entries : group);
  (options.help ? world.stdout : world.stderr).write(list);
  return options.help ? 0 : 2;
}

function unknownCommand(
  [first, second]: readonly (string | undefined)[],
  group: Entries,
  entries: Entries,
): ScannerError {
  const names = (group.length > 0 ? group : entries).map(({ name }) => name);
  if (group.length > 0 && second === undefined) {
    return new ScannerError('usage.invalid', `${first} is followed by one of: ${lastWords(names).join(', ')}`);
  }
  const typed = group.length > 0 ? `${first} ${second}` : `${first}`;
  const firstWords = new Set(names.map((name) => name.split(' ', 1)[0] ?? name));
  const hint =
    didYouMean(`${first} ${second}`, names, 'cvescan ') || didYouMean(typed, [...names, ...firstWords], 'cvescan ');
  return new ScannerError('usage.invalid', `there is no command ${typed}${hint || '; see cvescan --help'}`);
}

const lastWords = (names: readonly string[]): string[] => names.map((name) => name.slice(name.indexOf(' ') + 1));

async function listCommands(entries: Entries): Promise<string> {
  const titles = [...new Set(entries.map(({ group }) => group))];
  const loaded = await Promise.all(entries.map(async (entry) => ({ entry, command: await entry.load() })));
  return generalHelp(
    titles.map((title) => ({
      title,
      commands: loaded.filter(({ entry }) => entry.group === title).map(({ command }): Command => command),
    })),
  );
}
