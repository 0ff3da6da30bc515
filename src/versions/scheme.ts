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
}
