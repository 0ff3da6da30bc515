import { parseArgs } from 'node:util';
import { ScannerError } from '../model/errors.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import type { OptionSpec, OptionValues } from './command.ts';

/** The options and other words of a command line. */
export interface Arguments {
  readonly options: OptionValues;
  readonly positionals: readonly string[];
}

type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/**
 * Parts a command line into words and tokens, before it is known what it may hold.
 *
 * @returns tokens in the order written, with their index in `argv`.
 */
export function tokensOf(argv: readonly string[], specs: OptionSpecs) {
  return parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      Object.entries(specs).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  }).tokens;
}

/**
 * Reads the arguments of one command.
 *
 * @param name the command's words, for the error's sentence.
 * @throws ScannerError `usage.invalid`: unknown options (the nearest known one is named), missing and superfluous values.
 */
export function readArguments(argv: readonly string[], specs: OptionSpecs, name: string): Arguments {
  const options: Record<string, string | boolean | readonly string[]> = {};
  const positionals: string[] = [];
  for (const token of tokensOf(argv, specs)) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (!spec) throw unknownOption(token.rawName, specs, name);
    const value = spec.type === 'boolean' ? readFlag(token) : readValue(token, spec);
    const earlier = options[token.name];
    options[token.name] =
      spec.multiple && typeof value === 'string' ? [...(Array.isArray(earlier) ? earlier : []), value] : value;
  }
  return { options, positionals };
}

/** `-config FILE` and `-config=FILE` with two dashes, for programs that were started so by Go's flags. */
export function withDoubleDashes(argv: readonly string[], specs: OptionSpecs): readonly string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    const [, name] = /^-([a-z][a-z-]+)(?:=|$)/.exec(word) ?? [];
    const isOption = name !== undefined && Object.hasOwn(specs, name) && (end < 0 || index < end);
    return isOption ? `-${word}` : word;
  });
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function readFlag({ rawName, value }: OptionToken): boolean {
  if (value === undefined) return true;
  throw new ScannerError('usage.invalid', `${rawName} takes no value`);
}

function readValue({ rawName, value, inlineValue }: OptionToken, spec: OptionSpec): string {
  const placeholder = spec.value ?? 'VALUE';
  if (value === undefined || (value === '' && !spec.allowsEmpty))
    throw new ScannerError('usage.invalid', `${rawName} needs ${placeholder}`);
  if (!inlineValue && value.length > 1 && value.startsWith('-')) {
    throw new ScannerError(
      'usage.invalid',
      `${rawName} needs ${placeholder}; if that is ${value}, write ${rawName}=${value}`,
    );
  }
  return value;
}

function unknownOption(rawName: string, specs: OptionSpecs, name: string): ScannerError {
  const known = Object.keys(specs).map((option) => `--${option}`);
  const hint = didYouMean(rawName, known);
  return new ScannerError('usage.invalid', `unknown option ${rawName}${hint || `; see cvescan ${name} --help`}`);
}
