import { ScannerError } from '../../model/errors.ts';
import { parseGoDuration } from '../../platform/duration.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import { SETTINGS, type Setting } from './settings.ts';

/** A value after its type was checked: durations in milliseconds, addresses taken apart. */
export type Value = string | number | boolean | readonly string[] | Address;

/** Where something listens. */
export interface Address {
  /** Undefined: all interfaces. */
  readonly host?: string;
  readonly port: number;
}

/** What the file says, by key; and what in it counts for nothing. */
export interface StatedSettings {
  readonly values: ReadonlyMap<string, Value>;
  /** `clair.api: null`: there is to be no API. */
  readonly apiIsOff: boolean;
  readonly warnings: readonly string[];
}

type Sections = Readonly<Record<string, unknown>>;

const settingByKey = new Map(SETTINGS.map((setting) => [setting.key, setting]));

/** Clair's keys that we refuse rather than ignore: what they ask for would not be done. */
const REFUSED: Readonly<Record<string, string>> = {
  'clair.database.options.managedatabaselifecycle': 'cvescan makes and drops no databases',
  'clair.database.options.fixturepath': 'cvescan runs no SQL files',
};

/**
 * Reads the server's part of a configuration. Unknown keys below `clair` are warnings, as Clair ignores them; elsewhere they are
 * errors. Both name the nearest known key.
 *
 * @param sections the file's server sections, as YAML gave them.
 * @param file for the messages.
 * @throws ScannerError `config.invalid`.
 */
export function readStatedSettings(sections: Sections, file: string): StatedSettings {
  const values = new Map<string, Value>();
  const warnings: string[] = [];
  let apiIsOff = false;

  const visit = (key: string, value: unknown): void => {
    const setting = settingByKey.get(key);
    const isSection = SETTINGS.some((known) => known.key.startsWith(`${key}.`));
    if (key === 'clair.api' && value === null) apiIsOff = true;
    else if (key in REFUSED && value) throw invalid(file, `${key} is not supported: ${REFUSED[key]}`);
    else if (key in REFUSED) return;
    else if (!setting && !isSection) unknown(key);
    else if (value === null || value === undefined) return;
    else if (setting) readSetting(setting, value);
    else if (typeof value !== 'object' || Array.isArray(value)) throw invalid(file, `${key} holds names with values`);
    else for (const [name, member] of Object.entries(value)) visit(`${key}.${name}`, member);
  };

  const unknown = (key: string): void => {
    const message = `unknown key ${key}${didYouMean(key, settingByKey.keys())}`;
    if (!key.startsWith('clair.')) throw invalid(file, message);
    warnings.push(`${file}: ${message}`);
  };

  const readSetting = (setting: Setting, value: unknown): void => {
    // Clair's own example has `endpoint: ""` and the like: as if the key were not there.
    if (value === '') return;
    values.set(setting.key, readValue(setting, value, file));
  };

  for (const [name, value] of Object.entries(sections)) visit(name, value);
  return { values, apiIsOff, warnings };
}

function readValue(setting: Setting, value: unknown, file: string): Value {
  const { key, type, oneOf } = setting;
  const wrong = (wanted: string) => invalid(file, `${key} is ${wanted}`);
  switch (type) {
    case 'text': {
      if (typeof value !== 'string') throw wrong('a text');
      if (oneOf && !oneOf.includes(value)) throw wrong(`one of ${oneOf.join(', ')}${didYouMean(value, oneOf)}`);
      return value;
    }
    case 'texts': {
      if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string'))
        throw wrong('a list of texts');
      return value;
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong('true or false');
      return value;
    case 'duration': {
      const milliseconds = parseGoDuration(String(value));
      if (milliseconds === undefined) throw wrong('a duration with its unit, e.g. 900s or 2h');
      return milliseconds;
    }
    case 'address': {
      const address = typeof value === 'string' ? parseAddress(value) : undefined;
      if (!address) throw wrong('host:port');
      return address;
    }
    default:
      return readNumber(setting, value, wrong);
  }
}

function readNumber({ type, minimum = 0, maximum }: Setting, value: unknown, wrong: (wanted: string) => Error): number {
  const highest = type === 'port' ? 65_535 : (maximum ?? Number.MAX_SAFE_INTEGER);
  const count = Number.isInteger(value) ? (value as number) : undefined;
  if (count === undefined || count < minimum || count > highest) {
    throw wrong(`a whole number from ${minimum}${highest < Number.MAX_SAFE_INTEGER ? ` to ${highest}` : ''}`);
  }
  return count;
}

/** `0.0.0.0:6060`, `[::1]:6060`, `localhost:6060`, `:6060`. */
function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  const host = bracketed ?? plain;
  return { port, ...(host && { host }) };
}

export function invalid(file: string, message: string): ScannerError {
  return new ScannerError('config.invalid', `${file}: ${message}`, { file });
}
