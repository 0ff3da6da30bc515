/** A value of a table; numbers and dates stay the text that they are written as. */
export type TomlValue = string | boolean | readonly TomlValue[] | TomlFields;

/** The pairs of an inline table. */
export interface TomlFields extends ReadonlyMap<string, TomlValue> {}

/** What follows one header. */
export interface TomlTable {
  /** As the header has it, e.g. `package` of `[[package]]`, or `package.source`; `` for the pairs before the first header. */
  readonly name: string;
  /** Of the header, from 1. */
  readonly line: number;
  readonly fields: TomlFields;
}

/** Lockfiles nest three or four deep. */
export const MAX_TOML_DEPTH = 32;

/**
 * Reads the tables of a lockfile written in TOML (Cargo, Poetry, uv), one after the other, as they stand: sub-tables are not put
 * into the tables they belong to. Texts of one line, numbers, arrays and inline tables are read; what tools do not write into
 * lockfiles (texts of several lines, dotted keys) is malformed here.
 *
 * @param malformed called with the line that cannot be read and what is wrong there; reading goes on with the next header, and
 *   the table keeps what was read of it.
 * Source: https://toml.io/en/v1.0.0.
 */
export function* tomlTables(text: string, malformed: (line: number, message: string) => void): Generator<TomlTable> {
  const reader = new TomlReader(text);
  let [name, line] = ['', 1];
  let fields = new Map<string, TomlValue>();
  while (reader.skipToStatement()) {
    try {
      const headerLine = reader.line();
      const header = reader.header();
      if (header === undefined) {
        const [key, value] = reader.pair();
        fields.set(key, value);
        continue;
      }
      if (fields.size > 0 || name !== '') yield { name, line, fields };
      [name, line, fields] = [header, headerLine, new Map()];
    } catch (error) {
      if (!(error instanceof MalformedToml)) throw error;
      malformed(reader.line(), error.message);
      reader.skipToHeader();
    }
  }
  if (fields.size > 0 || name !== '') yield { name, line, fields };
}

/** No `Error`: a file may be malformed in every line, and a stack for each would take minutes. */
class MalformedToml {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const BLANKS = /[ \t]*/y;
const END_OF_LINE = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const HEADER = /\[\[?([^[\]\n]*)\]\]?/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
/** Numbers, dates, `true`, `false`. */
const BARE_VALUE = /[A-Za-z0-9_+.:-]+/y;

/** A place in the text, and what stands there. */
class TomlReader {
  readonly #text: string;
  #at = 0;
  /** A place whose line is known, so that counting never goes over the same text twice. */
  #counted = { at: 0, line: 1 };

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns false at the end of the text. */
  skipToStatement(): boolean {
    this.#skipSpace();
    return this.#at < this.#text.length;
  }

  /** To the next line that begins with a `[`, this one too. */
  skipToHeader(): void {
    const next = this.#text.indexOf('\n[', this.#at - 1);
    this.#at = next < 0 ? this.#text.length : next + 1;
  }

  /** Number of the line that it stands on. */
  line(): number {
    for (let at = this.#counted.at; ; ) {
      const newline = this.#text.indexOf('\n', at);
      if (newline < 0 || newline >= this.#at) return this.#counted.line;
      at = newline + 1;
      this.#counted = { at, line: this.#counted.line + 1 };
    }
  }

  /** The name in a header's brackets; undefined where none stands. */
  header(): string | undefined {
    if (this.#text[this.#at] !== '[') return undefined;
    const name = this.#take(HEADER)?.[1]?.trim();
    if (name === undefined) this.#at++;
    if (!name) throw new MalformedToml('a header without a name');
    this.#endLine();
    return name;
  }

  pair(): readonly [key: string, value: TomlValue] {
    const pair = this.#pair(0);
    this.#endLine();
    return pair;
  }

  #pair(depth: number): readonly [key: string, value: TomlValue] {
    const key = this.#key();
    this.#take(BLANKS);
    if (this.#text[this.#at] !== '=')
      throw new MalformedToml(`no "=" after the key ${JSON.stringify(key.slice(0, 80))}`);
    this.#at++;
    this.#take(BLANKS);
    return [key, this.#value(depth)];
  }

  #key(): string {
    const sign = this.#text[this.#at];
    if (sign === '"' || sign === "'") return this.#quoted(sign);
    const key = this.#take(BARE_KEY)?.[0];
    if (key === undefined) throw new MalformedToml('neither a header nor a key');
    return key;
  }

  #value(depth: number): TomlValue {
    if (depth > MAX_TOML_DEPTH) throw new MalformedToml(`values nested deeper than MAX_TOML_DEPTH (${MAX_TOML_DEPTH})`);
    const sign = this.#text[this.#at];
    if (sign === '"' || sign === "'") return this.#quoted(sign);
    if (sign === '[') return this.#list(']', () => this.#value(depth + 1));
    if (sign === '{') return new Map(this.#list('}', () => this.#pair(depth + 1)));
    const bare = this.#take(BARE_VALUE)?.[0];
    if (bare === undefined) throw new MalformedToml('a key without a value');
    return bare === 'true' ? true : bare === 'false' ? false : bare;
  }

  /** Items parted by commas, over several lines if need be, up to a closing bracket. */
  #list<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    for (this.#at++; ; ) {
      this.#skipSpace();
      if (this.#text[this.#at] === close) break;
      items.push(item());
      this.#skipSpace();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== close) throw new MalformedToml(`neither "," nor "${close}" after a value`);
    }
    this.#at++;
    return items;
  }

  #quoted(quote: '"' | "'"): string {
    const start = this.#at + 1;
    let end = this.#text.indexOf(quote, start);
    if (quote === '"') while (end >= 0 && isEscaped(this.#text, end, start)) end = this.#text.indexOf(quote, end + 1);
    if (end < 0) throw new MalformedToml('a text without an end');
    const content = this.#text.slice(start, end);
    if (content.includes('\n')) throw new MalformedToml('a text without an end on its line');
    if (content === '' && this.#text[end + 1] === quote) throw new MalformedToml('a text of several lines');
    this.#at = end + 1;
    return quote === '"' && content.includes('\\') ? unescapeText(content) : content;
  }

  /** Over blanks, ends of lines and comments. */
  #skipSpace(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const sign = this.#text[this.#at];
      if (sign === '#') {
        const newline = this.#text.indexOf('\n', this.#at);
        this.#at = newline < 0 ? this.#text.length - 1 : newline;
      } else if (sign !== ' ' && sign !== '\n' && sign !== '\r' && sign !== '\t') return;
    }
  }

  #endLine(): void {
    if (!this.#take(END_OF_LINE)) throw new MalformedToml('more on the line than one statement');
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text);
    if (taken) this.#at = pattern.lastIndex;
    return taken;
  }
}

/** Whether an odd number of backslashes stands before a place. */
function isEscaped(text: string, at: number, start: number): boolean {
  let first = at;
  while (first > start && text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

function unescapeText(content: string): string {
  return content.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([^uU]))/g, (whole, short, long, sign) => {
    if (sign !== undefined) return ESCAPES[sign] ?? whole;
    const code = Number.parseInt(short ?? long, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
