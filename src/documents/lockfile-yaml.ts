/** A line of a YAML file that says something: `key:`, `key: value`, or `- value` (its key is `-`). */
export interface YamlLine {
  /** From 1. */
  readonly line: number;
  /** How many blanks stand before it. */
  readonly indent: number;
  /** Without quotes. */
  readonly key: string;
  /** As written; `` where the line only opens a mapping or a list. Of a block of text (`|`, `>`) only that mark. */
  readonly value: string;
}

/**
 * Walks over the lines of a lockfile written in YAML (pnpm, yarn, Dart): block mappings and lists, scalars on one line, flow
 * collections as raw values, blocks of text. What tools write into lockfiles is no more than this, and a walk over the lines costs a
 * twentieth of a YAML parser.
 *
 * @param malformed called with the number of a line that is none of these.
 */
export function* yamlLines(text: string, malformed: (line: number) => void): Generator<YamlLine> {
  let line = 0;
  /** Lines deeper than this belong to the value above: a block of text, or a scalar that goes on. */
  let [valueIndent, isTextBlock] = [Number.POSITIVE_INFINITY, false];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const lineEnd = newline < 0 ? text.length : newline;
    const end = text.charCodeAt(lineEnd - 1) === 0x0d && lineEnd > start ? lineEnd - 1 : lineEnd;
    line++;
    let first = start;
    while (first < end && text.charCodeAt(first) === 0x20) first++;
    const indent = first - start;
    start = lineEnd + 1;
    if (first >= end || (isTextBlock && indent > valueIndent)) continue;
    const sign = text[first];
    if (sign === '#' || (indent === 0 && (text.startsWith('---', first) || text.startsWith('...', first)))) continue;
    const read = readEntry(text.slice(first, end), indent);
    if (read !== undefined) {
      [valueIndent, isTextBlock] = [
        read.value === '' ? Number.POSITIVE_INFINITY : read.indent,
        isBlockMark(read.value),
      ];
      yield { line, ...read };
    } else if (indent <= valueIndent) malformed(line);
  }
}

/** The text of a scalar, without its quotes. */
export function yamlScalar(value: string): string {
  const quote = value[0];
  if (quote === "'" && value.length > 1 && value.endsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  if (quote === '"' && value.length > 1 && value.endsWith('"')) return unescapeText(value);
  const comment = value.indexOf(' #');
  return comment < 0 ? value : value.slice(0, comment).trimEnd();
}

type Entry = Pick<YamlLine, 'indent' | 'key' | 'value'>;

function readEntry(content: string, indent: number): Entry | undefined {
  if (content.startsWith('- ') || content === '-') return { indent, key: '-', value: content.slice(2).trim() };
  // A key of more than 1,024 characters has a line of its own, `? key`, and its value begins on the next one: `: value`.
  if (content.startsWith('? ')) return { indent, key: yamlScalar(content.slice(2).trim()), value: '' };
  if (content === ':') return { indent: indent + 1, key: ':', value: '' };
  return content.startsWith(': ') ? readPair(content.slice(2), indent + 2) : readPair(content, indent);
}

function readPair(content: string, indent: number): Entry | undefined {
  const colon = endOfKey(content);
  if (colon === undefined) return undefined;
  return { indent, key: yamlScalar(content.slice(0, colon)), value: content.slice(colon + 1).trim() };
}

/** Where the colon after the key stands. */
function endOfKey(content: string): number | undefined {
  const quote = content[0];
  if (quote === '"' || quote === "'") {
    const close = endOfQuoted(content, quote);
    return close !== undefined && content[close] === ':' ? close : undefined;
  }
  const colon = content.indexOf(': ');
  if (colon > 0) return colon;
  return content.length > 1 && content.endsWith(':') ? content.length - 1 : undefined;
}

/** The place behind the closing quote. */
function endOfQuoted(content: string, quote: string): number | undefined {
  for (let at = 1; at < content.length; at++) {
    if (quote === '"' && content[at] === '\\') at++;
    else if (content[at] === quote) {
      if (quote === '"' || content[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return undefined;
}

function isBlockMark(value: string): boolean {
  return /^[|>][+-]?\d?[+-]?$/.test(value);
}

function unescapeText(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text : quoted.slice(1, -1);
  } catch {
    return quoted.slice(1, -1);
  }
}
