import type { Writable } from 'node:stream';

/** What a stream can show. */
export interface Terminal {
  readonly color: boolean;
  /** Width in columns; undefined where output is not a terminal and lines may be as long as they are. */
  readonly columns: number | undefined;
}

/**
 * Tells whether a stream is a terminal, how wide, and whether colours are wanted (`NO_COLOR`, `FORCE_COLOR`, `TERM=dumb`,
 * and `--no-color` of the command line). Source: https://no-color.org/ and https://force-color.org/.
 */
export function terminalOf(
  stream: Writable & { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
  noColor = false,
): Terminal {
  const refused = noColor || Boolean(env.NO_COLOR) || env.TERM === 'dumb';
  return {
    color: !refused && (stream.isTTY === true || Boolean(env.FORCE_COLOR)),
    columns: stream.isTTY === true ? (stream.columns ?? 80) : undefined,
  };
}

/** What most texts are, which need no further look. */
const ASCII = /^[\u0020-\u007e]*$/;

/** What a terminal would obey or a reader could not see: C0, C1, bidirectional marks, zero-width signs, separators, lone surrogates. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

/**
 * Text of a stranger (file names, versions, descriptions) as one harmless line: what a terminal would obey is shown as an escape
 * such as `\x1b` or `\u{202e}`.
 */
export function printable(text: string): string {
  if (ASCII.test(text)) return text;
  return text.replace(UNPRINTABLE, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (sign === '\n') return '\\n';
    if (sign === '\t') return '\\t';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Signs that take two columns: East Asian wide and full-width forms, and emoji. Source: Unicode TR 11. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{M}/u;

/** Columns that printable text takes on a terminal. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const sign of text) width += COMBINING.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

/** Printable text shortened to a width, with `…` at its end where something was cut. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let [result, taken] = ['', 0];
  for (const sign of text) {
    const next = taken + displayWidth(sign);
    if (next > width - 1) break;
    [result, taken] = [result + sign, next];
  }
  return width > 0 ? `${result}…` : '';
}
