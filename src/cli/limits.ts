import { DEFAULT_IMAGE_LIMITS, type ImageLimits } from '../images/limits.ts';
import { DEFAULT_DOCUMENT_LIMITS, type DocumentLimits } from '../inventory/document-limits.ts';
import { ScannerError } from '../model/errors.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import { type CacheLimits, DEFAULT_CACHE_LIMITS } from '../scan/cache-limits.ts';
import type { OptionSpec } from './command.ts';

/** Limits that a user may set: those of images, of documents, and of what is kept of them. */
export type SettableLimits = ImageLimits & DocumentLimits & CacheLimits;

const NAMES: readonly string[] = Object.keys({
  ...DEFAULT_IMAGE_LIMITS,
  ...DEFAULT_DOCUMENT_LIMITS,
  ...DEFAULT_CACHE_LIMITS,
});

/** The option of all commands that read a target. */
export const LIMIT_OPTION: OptionSpec = {
  type: 'string',
  multiple: true,
  value: 'NAME=NUMBER',
  help: 'another limit (docs/reference/limits.md), e.g. maxImageBytes=20GiB',
};

/** Where limits are stated: each place wins over the one behind it. */
export interface LimitPlaces {
  /** Values of `--limit`. */
  readonly options: readonly string[];
  /** The section `limits` of the configuration. */
  readonly file: Readonly<Record<string, string>>;
  /** The variable `CVESCAN_LIMITS`: `NAME=NUMBER,NAME=NUMBER`. */
  readonly variable: string | undefined;
}

/** Those that are stated. @throws ScannerError `usage.invalid` (an option), `config.invalid`. */
export function readLimits({ options, file, variable = '' }: LimitPlaces): Partial<SettableLimits> {
  const words = variable.split(',').filter((word) => word.trim() !== '');
  return Object.fromEntries([
    ...words.map((word) => readPair(word.trim(), 'config.invalid', 'CVESCAN_LIMITS')),
    ...Object.entries(file).map(([name, value]) => readLimit(name, value, 'config.invalid', 'limits')),
    ...options.map((word) => readPair(word, 'usage.invalid', '--limit')),
  ]);
}

type Code = 'usage.invalid' | 'config.invalid';

function readPair(word: string, code: Code, place: string): readonly [string, number] {
  const equals = word.indexOf('=');
  if (equals < 0) throw new ScannerError(code, `${place} ${word}: it is NAME=NUMBER`);
  return readLimit(word.slice(0, equals), word.slice(equals + 1), code, place);
}

function readLimit(name: string, value: string, code: Code, place: string): readonly [string, number] {
  if (!NAMES.includes(name))
    throw new ScannerError(
      code,
      `${place}: there is no limit ${name}${didYouMean(name, NAMES) || '; see docs/reference/limits.md'}`,
    );
  const [, digits, unit = ''] = /^(\d{1,15})\s*(KiB|MiB|GiB)?$/.exec(value) ?? [];
  if (digits === undefined || Number(digits) === 0)
    throw new ScannerError(code, `${place}: ${name} is a number above 0, with KiB, MiB or GiB behind it if need be`);
  return [name, Number(digits) * UNITS[unit as keyof typeof UNITS]];
}

const UNITS = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
