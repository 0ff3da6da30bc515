import { type CpeName, parseCpe } from '../../documents/cpe.ts';
import { parsePurl } from '../../documents/purl.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { Package } from '../../model/package.ts';
import type { VexStatement } from '../../model/vex-statement.ts';
import { coversCpe, type NamesPackage, type ProductName, productKeys, readProductName } from '../product-names.ts';
import type { VexClaim, VexProduct } from './vex-document.ts';

/** What a scan is of, as far as VEX documents can name it. */
export type VexTarget = Pick<Inventory, 'target' | 'repositoryCpes' | 'packages'>;

/** Answers what VEX documents say of a vulnerability in a package. */
export type FindStatements = (ids: readonly string[], installed: Package) => readonly VexStatement[];

interface IndexedClaim {
  /** Its place among all. */
  readonly index: number;
  readonly statement: VexStatement;
}

/** Claims on one vulnerability by the keys of their products; below undefined those that may hold of any package. */
type ClaimsByKey = ReadonlyMap<string | undefined, readonly (readonly [IndexedClaim, NamesPackage])[]>;

/**
 * Makes claims searchable: by the vulnerability, then by the product, as one CVE may be spoken of in thousands.
 *
 * A claim on a product with parts holds of these parts, where the product is the target of the scan; a claim on a product alone of the
 * package that it names, or of all packages where it names the target. What names neither holds of nothing.
 *
 * @returns statements that count: the newest of each author, and all of that time where they differ; sorted by author.
 */
export function indexClaims(claims: readonly VexClaim[], target: VexTarget): FindStatements {
  const indexesById = new Map<string, number[]>();
  for (const [index, { vulnerabilityIds }] of claims.entries()) {
    for (const id of vulnerabilityIds) {
      const known = indexesById.get(id);
      if (known) known.push(index);
      else indexesById.set(id, [index]);
    }
  }
  if (indexesById.size === 0) return () => [];
  let byRef: ReturnType<ReferredTarget['byRef']> | undefined;
  const referred = { ...target, byRef: () => (byRef ??= Map.groupBy(target.packages, ({ ref }) => ref)) };
  const readById = new Map<string, ClaimsByKey>();
  const claimsOn = (id: string): ClaimsByKey | undefined => {
    const indexes = indexesById.get(id);
    if (!indexes) return undefined;
    const read = readById.get(id) ?? readClaims(indexes, claims, referred);
    readById.set(id, read);
    return read;
  };
  return (ids, installed) => {
    const known = ids.flatMap((id) => claimsOn(id) ?? []);
    if (known.length === 0) return [];
    const keys = [undefined, ...keysOf(installed)];
    const found = new Map<number, VexStatement>();
    for (const [{ index, statement }, covers] of known.flatMap((byKey) => keys.flatMap((key) => byKey.get(key) ?? [])))
      if (!found.has(index) && covers(installed)) found.set(index, statement);
    const said = [...found].sort(([a], [b]) => a - b).map(([, statement]) => statement);
    return said.length > 0 ? newestOfEach(said) : said;
  };
}

const keysOf = (installed: Package): readonly string[] => [idKey(installed.id), ...productKeys(installed)];

/** The key of a package that is referred to; that of a name is a list. */
const idKey = (id: string): string => `#${id}`;

function readClaims(indexes: readonly number[], claims: readonly VexClaim[], target: ReferredTarget): ClaimsByKey {
  const byKey = new Map<string | undefined, [IndexedClaim, NamesPackage][]>();
  for (const index of indexes) {
    const { products, statement } = claims[index]!;
    const claim = { index, statement };
    for (const { key, covers } of products.flatMap((product) => readProduct(product, target))) {
      const known = byKey.get(key);
      if (known) known.push([claim, covers]);
      else byKey.set(key, [[claim, covers]]);
    }
  }
  return byKey;
}

/** With its packages by their references, sorted when one is asked for. */
interface ReferredTarget extends VexTarget {
  readonly byRef: () => ReadonlyMap<string | undefined, readonly Package[]>;
}

/** @returns the names by which it covers packages: none where it covers none. */
function readProduct({ names, parts, versions }: VexProduct, target: ReferredTarget): readonly ProductName[] {
  const isTarget = names.some(
    (name) => (parts !== undefined && name === target.target.name) || namesTarget(name, target),
  );
  if (parts !== undefined && !isTarget) return [];
  const isWhole = isTarget && parts === undefined;
  const read = isWhole ? [ALL_PACKAGES] : (parts?.flat() ?? names).flatMap((name) => readName(name, target));
  if (!versions) return read;
  return read.map(({ key, covers }) => ({
    key,
    covers: (installed) => versions.includes(installed.version) && covers(installed),
  }));
}

const ALL_PACKAGES: ProductName = { key: undefined, covers: () => true };

function readName(name: string, target: ReferredTarget): ProductName | readonly [] {
  return readReference(name, target) ?? readProductName(name) ?? [];
}

/** A BOM-Link, `urn:cdx:<serial number>/<version>#<reference>`, into the SBOM that is scanned. */
function readReference(name: string, { target, byRef }: ReferredTarget): ProductName | readonly [] | undefined {
  const [, serial, ref] = /^urn:cdx:([0-9a-f-]{36})\/\d+#(.+)$/is.exec(name) ?? [];
  if (serial === undefined || ref === undefined) return undefined;
  if (target.serialNumber?.toLowerCase() !== `urn:uuid:${serial.toLowerCase()}`) return [];
  const [named, ...others] = byRef().get(ref) ?? byRef().get(decoded(ref)) ?? [];
  // A reference that stands for two packages names neither.
  if (named === undefined || others.length > 0) return [];
  return { key: idKey(named.id), covers: ({ id }) => id === named.id };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * By an image's digest, or the CPE of a repository of a Red Hat image. The name that the user wrote is enough only beside the name of
 * a part: a folder and a package may be called the same.
 */
function namesTarget(name: string, { target, repositoryCpes = [] }: VexTarget): boolean {
  if (name === target.digest) return true;
  const cpe: CpeName | undefined = parseCpe(name);
  if (cpe) return repositoryCpes.some((stated) => coversCpe(cpe, stated));
  if (target.digest === undefined || !/^pkg:(oci|docker)\//.test(name)) return false;
  return parsePurl(name)?.version === target.digest;
}

function newestOfEach(said: readonly VexStatement[]): readonly VexStatement[] {
  const byAuthor = Map.groupBy(said, ({ author }) => author);
  return [...byAuthor.keys()].sort().flatMap((author) => newestOf(byAuthor.get(author)!));
}

/** Undated ones are the oldest. Of one time those that differ stay: which one is meant cannot be told. */
function newestOf(said: readonly VexStatement[]): readonly VexStatement[] {
  const newest = said.reduce((latest, statement) => Math.max(latest, timeOf(statement)), Number.NEGATIVE_INFINITY);
  const byStatus = new Map<string, VexStatement>();
  for (const statement of said) {
    if (timeOf(statement) === newest && !byStatus.has(statement.status)) byStatus.set(statement.status, statement);
  }
  return [...byStatus.values()];
}

function timeOf({ at }: VexStatement): number {
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
