import { FEATURE, LAYER, type MemberType, NAMESPACE, NOTIFICATION, type Shape, VULNERABILITY } from './shapes.ts';
import type { ClairEnvelope } from './types.ts';

/** What each member of an envelope holds. */
const ENVELOPE: Readonly<Record<string, Shape>> = {
  Layer: LAYER,
  Namespaces: NAMESPACE,
  Vulnerability: VULNERABILITY,
  Vulnerabilities: VULNERABILITY,
  Feature: FEATURE,
  Features: FEATURE,
  Notification: NOTIFICATION,
};

/**
 * An envelope as Clair writes it: compact JSON and a line feed, keys in Clair's order whatever order they come in, empty members left
 * out, an empty list of the envelope `null`, maps sorted by key, and `<`, `>`, `&`, U+2028, U+2029 escaped, as Go's encoder does.
 */
export function encodeClair(envelope: ClairEnvelope): string {
  const members = Object.entries(envelope).flatMap(([key, value]) => {
    const shape = ENVELOPE[key];
    if (Array.isArray(value)) return [`"${key}":${value.length === 0 ? 'null' : writeList(value, [shape!])}`];
    if (shape) return [`"${key}":${writeShape(value, shape)}`];
    return isEmpty(value) ? [] : [`"${key}":${writeValue(value)}`];
  });
  return `${escapeLikeGo(`{${members.join(',')}}`)}\n`;
}

type Members = Readonly<Record<string, unknown>>;

function writeShape(value: Members, { members, always }: Shape): string {
  let written = '';
  for (const key in members) {
    const member = value[key];
    if (isEmpty(member) && !always?.includes(key)) continue;
    written += `${written === '' ? '' : ','}"${key}":${writeMember(member, members[key]!())}`;
  }
  return `{${written}}`;
}

function writeMember(value: unknown, type: MemberType): string {
  if (typeof type === 'string') return writeValue(value);
  return 'members' in type ? writeShape(value as Members, type) : writeList(value as readonly Members[], type);
}

function writeList(list: readonly Members[], [shape]: readonly [Shape]): string {
  return `[${list.map((item) => writeShape(item, shape)).join(',')}]`;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Any JSON value, its maps by the bytes of their keys. */
function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).map(([key, item]) => ({ key, bytes: Buffer.from(key), item }));
  entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  return `{${entries.map(({ key, item }) => `${JSON.stringify(key)}:${writeValue(item)}`).join(',')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
  '\\b': '\\u0008',
  '\\f': '\\u000c',
};

function escapeLikeGo(json: string): string {
  return json.replace(/\\.|[<>&\u2028\u2029]/g, (found) => ESCAPES[found] ?? found);
}
