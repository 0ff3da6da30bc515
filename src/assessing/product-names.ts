import { type CpeName, compareCpe, parseCpe } from '../documents/cpe.ts';
import { parsePurl } from '../documents/purl.ts';
import type { Purl } from '../documents/write-purl.ts';
import type { Package } from '../model/package.ts';

/** Whether a package is one that a statement names. */
export type NamesPackage = (installed: Package) => boolean;

/** The name of a product, read. */
export interface ProductName {
  /** One of `productKeys` of all packages that it may name; undefined where any package may be one. */
  readonly key: string | undefined;
  readonly covers: NamesPackage;
}

/**
 * Reads the name of a product as VEX documents and ignore rules write it: a package URL, or a CPE.
 *
 * A purl names a package of the same type, namespace and name. Its version, qualifiers and subpath must be the package's where it
 * states them; what it leaves out may be anything. A CPE names one that states a CPE which it equals or covers.
 *
 * @returns undefined where it is neither.
 */
export function readProductName(name: string): ProductName | undefined {
  const cpe = parseCpe(name);
  if (cpe) {
    const covers: NamesPackage = (installed) => (installed.cpes ?? []).some((stated) => coversCpe(cpe, stated));
    return { key: cpeKey(cpe), covers };
  }
  const purl = name.startsWith('pkg:') ? parsePurl(name) : undefined;
  return purl && { key: purlKey(purl), covers: (installed) => coversPurl(purl, purlOf(installed)) };
}

/** What names of a package are looked up by. */
export function productKeys(installed: Package): readonly string[] {
  const keys = new Set<string>();
  const purl = purlOf(installed);
  if (purl) {
    const { version: _, ...unversioned } = purl;
    keys.add(purlKey(purl)).add(purlKey(unversioned));
  }
  for (const stated of installed.cpes ?? []) {
    const cpe = parseCpe(stated);
    if (cpe) keys.add(keyOf(cpe.product)).add(keyOf(cpe.product, cpe.version));
  }
  return [...keys];
}

function purlKey({ type, namespace, name, version }: Pick<Purl, 'type' | 'namespace' | 'name' | 'version'>): string {
  return keyOf(type, namespace, name, version);
}

/** A wildcard may stand for any product, or for any version of one. */
function cpeKey({ product, version }: CpeName): string | undefined {
  if (hasWildcard(product)) return undefined;
  return hasWildcard(version) ? keyOf(product) : keyOf(product, version);
}

const hasWildcard = (word: string): boolean => /[*?]/.test(word.replace(/\\./g, ''));

const keyOf = (...words: readonly (string | undefined)[]): string => JSON.stringify(words);

const purls = new WeakMap<Package, Purl | undefined>();

/** Parsed once, however many statements are held against it. */
function purlOf(installed: Package): Purl | undefined {
  if (!purls.has(installed)) purls.set(installed, installed.purl === undefined ? undefined : parsePurl(installed.purl));
  return purls.get(installed);
}

function coversPurl(wanted: Purl, purl: Purl | undefined): boolean {
  if (!purl || purl.type !== wanted.type || purl.namespace !== wanted.namespace || purl.name !== wanted.name)
    return false;
  if (wanted.version !== undefined && wanted.version !== purl.version) return false;
  if (wanted.subpath !== undefined && wanted.subpath !== purl.subpath) return false;
  return Object.entries(wanted.qualifiers).every(([key, value]) => purl.qualifiers[key] === value);
}

/** Whether all that a CPE stands for is among what the wanted one stands for. */
export function coversCpe(wanted: CpeName, stated: string): boolean {
  const name = parseCpe(stated);
  return name !== undefined && /^(equal|superset)$/.test(compareCpe(wanted, name));
}
