import { ScannerError } from '../model/errors.ts';

/**
 * A grammar and order of versions: the contract of `schemes/`.
 *
 * `Parsed` is the scheme's own form. Matching parses an installed version once and compares it with many bounds, so parse
 * and compare are apart.
 */
export interface VersionScheme<Parsed = unknown> {
  /** e.g. `dpkg`; also the name of its file. */
  readonly name: string;
  /** @throws ScannerError `version.malformed`. No order is ever guessed: a wrong order hides a vulnerability. */
  parse(text: string): Parsed;
  /** Below 0, 0 or above 0; only the sign has a meaning. A total order over what `parse` gives. */
  compare(a: Parsed, b: Parsed): number;
  /**
   * The same of an installed version and one that an advisory states, where a registry's rules for stated versions are not its order;
   * absent where they are.
   */
  compareWithStated?(installed: Parsed, stated: Parsed): number;
}

/** Longer texts are malformed in every scheme. The longest version in the feeds we read has 62 characters. */
export const maxVersionChars = 1024;

/** The error a scheme throws; `why` is a clause such as `a revision is missing after "-"`. */
export function malformedVersion(scheme: string, text: string, why: string): ScannerError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new ScannerError('version.malformed', `${JSON.stringify(shown)} is no ${scheme} version: ${why}`, {
    scheme,
    version: shown,
  });
}

/**
 * Reads a text by a grammar, the whole of it.
 *
 * @param grammar anchored at both ends.
 * @throws ScannerError `version.malformed`, also above `maxVersionChars`.
 */
export function readVersion(scheme: string, text: string, grammar: RegExp): RegExpExecArray {
  if (text.length > maxVersionChars)
    throw malformedVersion(scheme, text, `it is longer than ${maxVersionChars} characters`);
  const parts = grammar.exec(text);
  if (!parts)
    throw malformedVersion(scheme, text, text.trim() === '' ? 'it is empty' : 'it does not follow the grammar');
  return parts;
}
