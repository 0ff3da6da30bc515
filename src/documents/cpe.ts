/**
 * One attribute of a CPE name, as a formatted string writes it: `*` any, `-` not applicable, else a text in which all but letters,
 * digits, `_`, `.` and `-` has a backslash before it; `*` and `?` without one are wildcards, at its beginning and end only. A hyphen
 * that is a whole text has one too.
 */
export type CpeWord = string;

/** A CPE name, attribute by attribute; letters are small. Source: NISTIR 7695. */
export interface CpeName {
  /** `a` application, `o` operating system, `h` hardware. */
  readonly part: CpeWord;
  readonly vendor: CpeWord;
  readonly product: CpeWord;
  readonly version: CpeWord;
  readonly update: CpeWord;
  readonly edition: CpeWord;
  readonly language: CpeWord;
  readonly swEdition: CpeWord;
  readonly targetSw: CpeWord;
  readonly targetHw: CpeWord;
  readonly other: CpeWord;
}

/** In the order of the formatted string. */
const ATTRIBUTES = [
  ...['part', 'vendor', 'product', 'version', 'update', 'edition', 'language'],
  ...['swEdition', 'targetSw', 'targetHw', 'other'],
] as readonly (keyof CpeName)[];

/** Attributes that the URI packs into its edition: `~edition~sw_edition~target_sw~target_hw~other`. */
const PACKED = ['edition', 'swEdition', 'targetSw', 'targetHw', 'other'] as const;

/** The word of an attribute that may have any value. */
export const ANY = '*';
/** The word of an attribute that has no value, as it makes no sense there. */
export const NA = '-';

const FORMATTED = 'cpe:2.3:';

/**
 * Reads a CPE name, in the form of 2.3 (`cpe:2.3:a:openssl:openssl:1.0.2u:*:*:*:*:*:*:*`) or of 2.2 (`cpe:/a:openssl:openssl:1.0.2u`).
 *
 * Attributes that are left out at the end are any. Characters that lack their backslash are taken for themselves, as many documents
 * forget it.
 *
 * @returns undefined where it is no CPE name.
 */
export function parseCpe(text: string): CpeName | undefined {
  if (/^cpe:2\.3:/i.test(text)) return nameOf(splitFormatted(text.slice(FORMATTED.length)).map(readWord));
  if (/^cpe:\//i.test(text)) return nameOfUri(text.slice('cpe:/'.length).split(':'));
  return undefined;
}

function nameOf(words: readonly (CpeWord | undefined)[]): CpeName | undefined {
  if (words.length > ATTRIBUTES.length || words.includes(undefined)) return undefined;
  const name = Object.fromEntries(ATTRIBUTES.map((attribute, index) => [attribute, words[index] ?? ANY]));
  return /^[aoh*-]$/.test(name.part!) ? (name as Record<keyof CpeName, CpeWord>) : undefined;
}

/** At colons, except those behind a backslash. */
function splitFormatted(text: string): string[] {
  if (!text.includes('\\')) return text.split(':');
  const words = [''];
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === ':') words.push('');
    else words[words.length - 1] += char === '\\' ? char + (text[++at] ?? '') : char;
  }
  return words;
}

/** A word of a formatted string in its one spelling; undefined where it has blanks or control characters. */
function readWord(text: string): CpeWord | undefined {
  if (text === ANY || text === NA) return text;
  if (text === '') return ANY;
  if (/[^\x21-\x7e]/.test(text)) return undefined;
  if (/^[a-z0-9._-]+$/.test(text)) return text;
  const chars = text.toLowerCase().match(/\\.|[^\\]|\\$/g)!;
  const [first, last] = [chars.findIndex((char) => !isWild(char)), chars.findLastIndex((char) => !isWild(char))];
  const word = chars
    .map((char, at) => (isWild(char) && (at < first || at > last) ? char : quoted(char.at(-1)!)))
    .join('');
  return word === NA ? '\\-' : word;
}

const isWild = (char: string): boolean => char === '*' || char === '?';

const quoted = (char: string): string => (/[a-z0-9._-]/.test(char) ? char : `\\${char}`);

function nameOfUri(components: readonly string[]): CpeName | undefined {
  const [part, vendor, product, version, update, edition = '', ...rest] = components;
  const packed = edition.startsWith('~') ? edition.slice(1).split('~') : [edition];
  if (packed.length > PACKED.length || rest.length > 1) return undefined;
  const [ownEdition, ...extended] = packed;
  const words = [part, vendor, product, version, update, ownEdition, rest[0], ...extended].map((text) =>
    readComponent(text ?? ''),
  );
  return nameOf(words);
}

/** A component of a URI: what is not a letter or digit is percent-encoded, `%01` is `?`, `%02` is `*`; an empty one is any. */
function readComponent(text: string): CpeWord | undefined {
  if (text === '') return ANY;
  if (text === NA) return NA;
  if (/[^\x21-\x7e]/.test(text)) return undefined;
  const word = text.toLowerCase().replace(/%([0-9a-f]{2})|[^a-z0-9._-]/g, (char, hex: string | undefined) => {
    if (hex === '01') return '?';
    if (hex === '02') return '*';
    return quoted(hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)).toLowerCase());
  });
  if (/[^\x21-\x7e]/.test(word)) return undefined;
  return word === NA ? '\\-' : word;
}

/** Writes the form of CPE 2.3. */
export function formatCpe(name: CpeName): string {
  return FORMATTED + ATTRIBUTES.map((attribute) => name[attribute]).join(':');
}

/** Writes the form of CPE 2.2, without what is any at its end. */
export function formatCpeUri(name: CpeName): string {
  const isPacked = PACKED.slice(1).some((attribute) => name[attribute] !== ANY);
  const edition = isPacked
    ? PACKED.map((attribute) => `~${writeComponent(name[attribute])}`).join('')
    : writeComponent(name.edition);
  const { part, vendor, product, version, update, language } = name;
  const [head, tail] = [[part, vendor, product, version, update].map(writeComponent), writeComponent(language)];
  return `cpe:/${[...head, edition, tail].join(':').replace(/:+$/, '')}`;
}

function writeComponent(word: CpeWord): string {
  if (word === ANY) return '';
  if (word === NA) return NA;
  if (word === '\\-') return '%2d';
  return word.replace(/\\(.)|([*?])/g, (_, char: string | undefined, wild: string | undefined) => {
    if (wild !== undefined) return wild === '?' ? '%01' : '%02';
    return `%${char!.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** How the values of one attribute relate, the first word seen from the second. */
export type CpeRelation = 'equal' | 'superset' | 'subset' | 'disjoint' | 'undefined';

/**
 * Compares an attribute of two names. Only the first may have wildcards: two texts with some have no defined relation.
 * Source: NISTIR 7696, table 6-2.
 */
export function compareWords(source: CpeWord, target: CpeWord): CpeRelation {
  if (source === target) return hasWildcard(source) ? 'undefined' : 'equal';
  if (source === ANY) return hasWildcard(target) ? 'undefined' : 'superset';
  if (target === ANY) return 'subset';
  if (source === NA) return hasWildcard(target) ? 'undefined' : 'disjoint';
  if (target === NA) return 'disjoint';
  if (hasWildcard(target)) return 'undefined';
  return hasWildcard(source) && matchesPattern(source, target) ? 'superset' : 'disjoint';
}

/**
 * Compares two names as a whole, attribute by attribute.
 *
 * @returns `undefined` also where some attributes are wider and some narrower.
 * Source: NISTIR 7696, table 6-3.
 */
export function compareCpe(source: CpeName, target: CpeName): CpeRelation {
  const relations = new Set(ATTRIBUTES.map((attribute) => compareWords(source[attribute], target[attribute])));
  if (relations.has('disjoint')) return 'disjoint';
  if (relations.has('undefined')) return 'undefined';
  relations.delete('equal');
  if (relations.size > 1) return 'undefined';
  return [...relations][0] ?? 'equal';
}

/** Whether a text has wildcards; `*` alone is none, but any. */
function hasWildcard(word: CpeWord): boolean {
  return word !== ANY && /^[*?]|(?<!\\)(?:\\\\)*[*?]$/.test(word);
}

/** One character of a word. */
const CHAR = '(?:\\\\.|[^\\\\])';

/** `*` stands for any characters, each `?` for at most one. */
function matchesPattern(pattern: CpeWord, text: CpeWord): boolean {
  const [, before = '', middle = '', after = ''] = /^([*?]*)((?:\\.|[^\\*?])*)([*?]*)$/.exec(pattern) ?? [];
  const wild = (run: string) => CHAR + (run.includes('*') ? '*' : `{0,${run.length}}`);
  return new RegExp(`^${wild(before)}${middle.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}${wild(after)}$`).test(text);
}

/** What a word stands for, without its backslashes; undefined for any and not applicable. */
export function textOfWord(word: CpeWord): string | undefined {
  return word === ANY || word === NA ? undefined : word.replace(/\\(.)/g, '$1');
}

/** A text as a word: small letters, `_` for blanks, with backslashes where they are needed. An empty one is any. */
export function wordOfText(text: string): CpeWord {
  if (text === '') return ANY;
  const word = [...text.toLowerCase().replace(/\s+/g, '_')].map(quoted).join('');
  return word === NA ? '\\-' : word;
}
