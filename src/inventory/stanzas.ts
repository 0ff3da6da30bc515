import type { ReportProblem } from '../model/problem.ts';

/** One stanza of a control file. */
export interface Stanza {
  /** Number of its first line, from 1. */
  readonly line: number;
  /** By field name in lower case (names are not case-sensitive); first lines only, trimmed. */
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * The stanzas of a control file: `Field: value` lines, parted by blank lines. A line that begins with a blank continues the field
 * above; continuations (descriptions, lists of files) are passed over. Source: deb-control(5), RFC 822.
 *
 * One walk over the text; lines may be of any length. A line that is none of these is a problem, once a stanza.
 */
export function* stanzasOf(
  text: string,
  { problem, path }: { problem: ReportProblem; path: string },
): Generator<Stanza> {
  let fields = new Map<string, string>();
  let [firstLine, line, badLine] = [1, 0, 0];
  for (let start = 0; start <= text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    line++;
    const isBlank = text.slice(start, end).trim() === '';
    if (isBlank || end === text.length) {
      if (!isBlank && !readField(text, start, end, fields)) badLine ||= line;
      if (badLine > 0)
        problem({
          code: 'lister.malformed-line',
          message: `line ${badLine}: neither a field nor its continuation`,
          path,
        });
      if (fields.size > 0) yield { line: firstLine, fields };
      [fields, firstLine, badLine] = [new Map(), line + 1, 0];
    } else if (!readField(text, start, end, fields)) badLine ||= line;
    start = end + 1;
  }
}

/** @returns false where the line is neither a field nor the continuation of one. */
function readField(text: string, start: number, end: number, fields: Map<string, string>): boolean {
  const first = text.charCodeAt(start);
  if (first === 0x20 || first === 0x09) return fields.size > 0;
  const colon = text.indexOf(':', start);
  if (colon <= start || colon >= end) return false;
  fields.set(text.slice(start, colon).toLowerCase(), text.slice(colon + 1, end).trim());
  return true;
}
