import { schemeOf } from '../model/namespace.ts';
import type { ListedPackage } from '../model/package.ts';

/** A package as a lockfile or an installation names it. */
export interface LanguagePackage {
  readonly name: string;
  /** As written; `` where none is stated. */
  readonly version: string;
  /**
   * Needed only to build or to test what is scanned. Such packages are listed like all others, with the property `development`:
   * whether their vulnerabilities count is for the reader of the report to say.
   */
  readonly isDevelopment?: boolean;
  readonly properties?: Readonly<Record<string, string>>;
  readonly innerPath?: string;
}

/** A package of a language: its purl type is its namespace too. @param type e.g. `npm`. */
export function languagePackage(
  type: string,
  { name, version, isDevelopment = false, properties, innerPath }: LanguagePackage,
): ListedPackage {
  const facts = { ...properties, ...(isDevelopment && { development: 'true' }) };
  return {
    name,
    version,
    versionScheme: schemeOf(type) ?? type,
    type,
    namespace: type,
    ...(Object.keys(facts).length > 0 && { properties: facts }),
    ...(innerPath !== undefined && { innerPath }),
  };
}

/**
 * The packages of one file, each name and version once, in the order of their first mention. What is needed anywhere for more
 * than development is not marked as such.
 */
export function* languagePackages(type: string, mentions: Iterable<LanguagePackage>): Generator<ListedPackage> {
  const byKey = new Map<string, LanguagePackage>();
  for (const mention of mentions) {
    const key = `${mention.name}\0${mention.version}`;
    const known = byKey.get(key);
    if (known === undefined || (known.isDevelopment === true && mention.isDevelopment !== true))
      byKey.set(key, mention);
  }
  for (const mention of byKey.values()) yield languagePackage(type, mention);
}
