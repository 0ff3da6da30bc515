import { ScannerError } from '../model/errors.ts';
import { getScheme } from './registry.ts';

/**
 * The highest of some versions; the first of several that are equal. Undefined of none.
 *
 * @throws ScannerError `version.malformed` when one of them cannot be read: it might have been the highest.
 */
export function highestVersion(schemeName: string, versions: readonly string[]): string | undefined {
  const scheme = getScheme(schemeName);
  const [first, ...others] = versions.map((text) => ({ text, parsed: scheme.parse(text) }));
  if (!first) return undefined;
  return others.reduce((highest, next) => (scheme.compare(next.parsed, highest.parsed) > 0 ? next : highest), first)
    .text;
}

/** Rising, each text once, equal versions by text; those that cannot be read come last, by text. */
export function sortVersions(schemeName: string, versions: readonly string[]): string[] {
  const scheme = getScheme(schemeName);
  const readable: { text: string; parsed: unknown }[] = [];
  const unreadable: string[] = [];
  for (const text of [...new Set(versions)].sort()) {
    try {
      readable.push({ text, parsed: scheme.parse(text) });
    } catch (error) {
      if (!(error instanceof ScannerError)) throw error;
      unreadable.push(text);
    }
  }
  readable.sort((a, b) => scheme.compare(a.parsed, b.parsed));
  return [...readable.map(({ text }) => text), ...unreadable];
}
