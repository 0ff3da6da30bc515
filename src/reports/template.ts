import { ScannerError } from '../model/errors.ts';
import { printable } from '../platform/terminal.ts';
import { harmlessJson } from './json-pieces.ts';
import { xmlText } from './xml-text.ts';

/** A piece of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly escape: Escape }
  | { readonly kind: 'section'; readonly path: readonly string[]; readonly isInverted: boolean; readonly nodes: Nodes };

type Nodes = readonly TemplateNode[];

/** Makes a value harmless where it is put. */
type Escape = (value: unknown) => string;

/** How values may be written, by the word behind `|`. */
const ESCAPES: ReadonlyMap<string, Escape> = new Map<string, Escape>([
  ['text', (value) => printable(textOf(value))],
  ['lines', (value) => textOf(value).split('\n').map(printable).join('\n')],
  ['html', (value) => xmlText(textOf(value)).replaceAll("'", '&#39;')],
  ['json', (value) => harmlessJson(value ?? null).replaceAll('<', '\\u003c')],
  [
    'csv',
    (value) =>
      `"${printable(textOf(value))
        .replace(/^\s*[=+\-@]/, "'$&")
        .replaceAll('"', '""')}"`,
  ],
  ['url', (value) => encodeURIComponent(textOf(value).toWellFormed())],
]);

const DEFAULT_ESCAPE = 'text';

/** A template is a page or two; what is longer is none. */
const MAX_TEMPLATE_LENGTH = 1 << 20;
const MAX_SECTION_DEPTH = 50;

/**
 * Reads a template: text with `{{path}}`, `{{path | escape}}`, `{{#path}}…{{/path}}` (for each element, or if there is something),
 * `{{^path}}…{{/path}}` (if there is nothing), `{{! remark}}` and `{{% escape}}`, which sets the escape from there on.
 * There is no logic in it, and it can read nothing but the report. docs/reference/template.md explains it.
 *
 * @param name of its file, for the error's sentence.
 * @throws ScannerError `template.malformed`, with the line.
 */
export function parseTemplate(text: string, name: string): Nodes {
  const tokens = tokensOf(text);
  const state: ParserState = {
    tokens,
    escape: DEFAULT_ESCAPE,
    fail: (message, at) => {
      const line = text.slice(0, at).split('\n').length;
      return new ScannerError('template.malformed', `${name}, line ${line}: ${message}`, { name, line });
    },
  };
  if (text.length > MAX_TEMPLATE_LENGTH) throw state.fail(`it has more than ${MAX_TEMPLATE_LENGTH} signs`, 0);
  return parseNodes(state, []);
}

interface Token {
  /** `` of a value, ` ` of plain text, else the sign of the tag. */
  readonly sign: string;
  readonly word: string;
  readonly at: number;
}

interface ParserState {
  readonly tokens: Iterator<Token>;
  readonly fail: (message: string, at: number) => ScannerError;
  /** The one in force. */
  escape: string;
}

/** A tag that is no value and stands on a line of its own takes the line with it. */
const TAG = /^[ \t]*\{\{([#^/!%])([^{}]*)\}\}[ \t]*(?:\r?\n|$(?![\s\S]))|\{\{([#^/!%]?)([^{}]*)\}\}/gm;

function* tokensOf(text: string): Generator<Token> {
  let end = 0;
  for (const { 0: whole, 1: lineSign, 2: lineWord, 3: sign, 4: word, index: at } of text.matchAll(TAG)) {
    if (at > end) yield { sign: ' ', word: text.slice(end, at), at: end };
    yield { sign: lineSign ?? sign ?? '', word: (lineWord ?? word ?? '').trim(), at };
    end = at + whole.length;
  }
  if (end < text.length) yield { sign: ' ', word: text.slice(end), at: end };
}

/** Reads up to the end of the innermost of the open sections, or of the template. */
function parseNodes(state: ParserState, open: readonly Token[]): Nodes {
  const nodes: TemplateNode[] = [];
  const section = open.at(-1);
  for (let next = state.tokens.next(); !next.done; next = state.tokens.next()) {
    const token = next.value;
    if (token.sign === '/') {
      if (section?.word === token.word) return nodes;
      throw state.fail(`{{/${token.word}}} closes ${section ? `{{#${section.word}}}` : 'nothing'}`, token.at);
    }
    if (token.sign === '%') state.escape = token.word;
    if (token.sign === '#' || token.sign === '^') nodes.push(parseSection(state, [...open, token]));
    if (token.sign === ' ') nodes.push({ kind: 'text', text: token.word });
    if (token.sign === '' || token.sign === '%') nodes.push(...parseValue(state, token));
  }
  if (section) throw state.fail(`{{#${section.word}}} is not closed`, section.at);
  return nodes;
}

function parseSection(state: ParserState, open: readonly Token[]): TemplateNode {
  const { sign, word, at } = open.at(-1)!;
  if (open.length > MAX_SECTION_DEPTH) throw state.fail(`sections are at most ${MAX_SECTION_DEPTH} deep`, at);
  return { kind: 'section', path: pathOf(word), isInverted: sign === '^', nodes: parseNodes(state, open) };
}

/** A value, or no node for a tag that only names the escape in force. */
function parseValue(state: ParserState, { sign, word, at }: Token): readonly TemplateNode[] {
  const [path = '', own] = word.split('|').map((part) => part.trim());
  const name = own ?? state.escape;
  const chosen = ESCAPES.get(name);
  if (!chosen) throw state.fail(`no escape is called ${name}; there are ${[...ESCAPES.keys()].join(', ')}`, at);
  return sign === '%' ? [] : [{ kind: 'value', path: pathOf(path), escape: chosen }];
}

/** `.` is the element itself. */
function pathOf(word: string): readonly string[] {
  return word === '.' ? [] : word.split('.');
}

/**
 * Fills in a template.
 *
 * @param scopes the values that paths are looked up in, the innermost last. A path that leads nowhere is empty.
 */
export function* renderTemplate(nodes: Nodes, scopes: readonly unknown[]): Generator<string> {
  for (const node of nodes) {
    if (node.kind === 'text') yield node.text;
    else if (node.kind === 'value') yield node.escape(lookUp(node.path, scopes));
    else yield* renderSection(node, scopes);
  }
}

function* renderSection(
  { path, isInverted, nodes }: Extract<TemplateNode, { kind: 'section' }>,
  scopes: readonly unknown[],
): Generator<string> {
  const value = lookUp(path, scopes);
  const items: readonly unknown[] = Array.isArray(value) ? value : isSomething(value) ? [value] : [];
  if (isInverted) {
    if (items.length === 0) yield* renderTemplate(nodes, scopes);
    return;
  }
  for (const item of items) yield* renderTemplate(nodes, [...scopes, item]);
}

const isSomething = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && value !== '';

/** The first name is looked for from the innermost scope outwards; what follows, in what it names. Only a value's own keys count. */
function lookUp(path: readonly string[], scopes: readonly unknown[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return scopes.at(-1);
  const scope = scopes.findLast((one) => own(one, first) !== undefined);
  return rest.reduce(own, own(scope, first));
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  // A proof is written when it is asked for: as JSON shows it, a template does.
  const members: object = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
  return Object.hasOwn(members, key) ? (members as Readonly<Record<string, unknown>>)[key] : undefined;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
