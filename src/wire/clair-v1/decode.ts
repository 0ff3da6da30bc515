import { ScannerError } from '../../model/errors.ts';
import { FEATURE, LAYER, type MemberType, type Shape, VULNERABILITY } from './shapes.ts';
import type { ClairFeature, ClairLayer, ClairVulnerability } from './types.ts';

/** Bytes of a request's body that are read; what follows is as if it were not there, which cuts the JSON. */
export const MAX_REQUEST_BYTES = 1 << 20;

/** Objects and lists in one another. */
export const MAX_NESTING_DEPTH = 1000;

const ENVELOPES = {
  Layer: { name: 'LayerEnvelope', members: { Layer: () => LAYER } },
  Vulnerability: { name: 'VulnerabilityEnvelope', members: { Vulnerability: () => VULNERABILITY } },
  Feature: { name: 'FeatureEnvelope', members: { Feature: () => FEATURE } },
} as const satisfies Record<string, Shape>;

interface Decoded {
  readonly Layer: ClairLayer;
  readonly Vulnerability: ClairVulnerability;
  readonly Feature: ClairFeature;
}

/**
 * The object of a request's envelope, read as Go reads it: the first JSON value of the body, keys in any case, unknown ones and
 * `null` left out.
 *
 * @param body at most `MAX_REQUEST_BYTES` of it count.
 * @returns undefined when the envelope does not hold it.
 * @throws ScannerError `request.malformed` with Clair's text where that does not depend on the version of Go.
 */
export function decodeClair<Kind extends keyof Decoded>(kind: Kind, body: Buffer): Decoded[Kind] | undefined {
  const value = firstValue(body.subarray(0, MAX_REQUEST_BYTES).toString('utf8'));
  const envelope = ENVELOPES[kind];
  if (value === null) return undefined;
  if (!isMap(value))
    throw malformed(`json: cannot unmarshal ${kindOf(value)} into Go value of type v1.${envelope.name}`);
  return readShape(value, envelope, '')[kind] as Decoded[Kind] | undefined;
}

function firstValue(text: string): unknown {
  const start = text.search(/[^ \t\r\n]/);
  if (start < 0) throw malformed('EOF');
  const end = endOfValue(text, start);
  try {
    return JSON.parse(text.slice(start, end));
  } catch (cause) {
    throw malformed(isCut(cause, end - start) && end === text.length ? 'unexpected EOF' : 'invalid JSON');
  }
}

/** Where the value that begins at `start` ends; the text's length when it does not. */
function endOfValue(text: string, start: number): number {
  if (!'{["'.includes(text[start]!)) {
    const length = text.slice(start).search(/[ \t\r\n{}[\],:"]/);
    return length <= 0 ? (length === 0 ? start + 1 : text.length) : start + length;
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > MAX_NESTING_DEPTH) throw malformed('exceeded max depth');
    if (depth === 0) return Math.min(at + 1, text.length);
  }
  return text.length;
}

/** The closing quote of a string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function isCut(cause: unknown, length: number): boolean {
  const message = cause instanceof Error ? cause.message : '';
  return /^(Unexpected end|Unterminated)/.test(message) || message.includes(` at position ${length} `);
}

interface Place {
  /** The Go type that holds the member. */
  readonly struct: string;
  /** Members from the envelope down, with dots. */
  readonly path: string;
}

type Members = Readonly<Record<string, unknown>>;

function readShape(value: Members, shape: Shape, path: string): Record<string, unknown> {
  const keys = keysOf(shape);
  const read: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const known = keys.get(key.toLowerCase());
    if (known === undefined || member === null) continue;
    const place = { struct: shape.name, path: path === '' ? known : `${path}.${known}` };
    read[known] = readMember(member, shape.members[known]!(), place);
  }
  return read;
}

const lowerKeys = new WeakMap<Shape, ReadonlyMap<string, string>>();

function keysOf(shape: Shape): ReadonlyMap<string, string> {
  const known = lowerKeys.get(shape);
  if (known) return known;
  const keys = new Map(Object.keys(shape.members).map((key) => [key.toLowerCase(), key]));
  lowerKeys.set(shape, keys);
  return keys;
}

function readMember(value: unknown, type: MemberType, place: Place): unknown {
  if (type === 'string') return typeof value === 'string' ? sound(value) : mismatch(value, 'string', place);
  if (type === 'int') return Number.isSafeInteger(value) ? value : mismatch(value, 'int', place);
  if (type === 'metadata') return isMap(value) ? soundAll(value) : mismatch(value, 'map[string]interface {}', place);
  if (type === 'headers') return readHeaders(value, place);
  if (type === 'strings') {
    if (!Array.isArray(value)) return mismatch(value, '[]string', place);
    return value.map((item) => readMember(item ?? '', 'string', place));
  }
  if ('members' in type) {
    return isMap(value) ? readShape(value, type, place.path) : mismatch(value, `v1.${type.name}`, place);
  }
  if (!Array.isArray(value)) return mismatch(value, `[]v1.${type[0].name}`, place);
  return value.map((item) => readMember(item ?? {}, type[0], place));
}

function readHeaders(value: unknown, place: Place): Record<string, string> {
  if (!isMap(value)) return mismatch(value, 'map[string]string', place);
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => [sound(name), readMember(text ?? '', 'string', place) as string]),
  );
}

function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, wanted: string, { struct, path }: Place): never {
  throw malformed(`json: cannot unmarshal ${kindOf(value)} into Go struct field ${struct}.${path} of type ${wanted}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return isMap(value) ? 'object' : typeof value;
}

/** Neither database can hold U+0000, nor half of a surrogate pair. */
function sound(text: string): string {
  if (text.includes('\u0000') || !text.isWellFormed()) throw malformed('a text holds U+0000 or a lone surrogate');
  return text;
}

function soundAll<Value>(value: Value): Value {
  if (typeof value === 'string') sound(value);
  else if (Array.isArray(value)) value.forEach(soundAll);
  else if (isMap(value)) for (const [key, item] of Object.entries(value)) soundAll([key, item]);
  return value;
}

function malformed(message: string): ScannerError {
  return new ScannerError('request.malformed', message);
}
