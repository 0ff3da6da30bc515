import { type CpeName, parseCpe } from '../../documents/cpe.ts';
import { parsePurl } from '../../documents/purl.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { Package } from '../../model/package.ts';
import type { VexStatement } from '../../model/vex-statement.ts';
import { coversCpe, type NamesPackage, readProductName } from '../product-names.ts';
import type { VexClaim, VexProduct } from './vex-document.ts';

/** What a scan is of, as far as VEX documents can name it. */
export type VexTarget = Pick<Inventory, 'target' | 'repositoryCpes' | 'packages'>;

/** Answers what VEX documents say of a vulnerability in a package. */
export type FindStatements = (ids: readonly string[], installed: Package) => readonly VexStatement[];

interface IndexedClaim {
  readonly statement: VexStatement;
  readonly covers: NamesPackage;
}

/**
 * Makes claims searchable.
 *
 * A claim on a product with parts holds of these parts, where the product is the target of the scan; a claim on a product alone of the
 * package that it names, or of all packages where it names the target. What names neither holds of nothing.
 *
 * @returns statements that count: the newest of each author, and all of that time where they differ; sorted by author.
 */
export function indexClaims(claims: readonly VexClaim[], target: VexTarget): FindStatements {
  const byId = new Map<string, IndexedClaim[]>();
  let byRef: ReturnType<ReferredTarget['byRef']> | undefined;
  const referred = { ...target, byRef: () => (byRef ??= Map.groupBy(target.packages, ({ ref }) => ref)) };
  for (const { vulnerabilityIds, products, statement } of claims) {
    const readers = products.map((product) => readProduct(product, referred));
    const indexed = { statement, covers: (installed: Package) => readers.some((covers) => covers(installed)) };
    for (const id of vulnerabilityIds) {
      const known = byId.get(id);
      if (known) known.push(indexed);
      else byId.set(id, [indexed]);
    }
  }
  if (byId.size === 0) return () => [];
  return (ids, installed) => {
    const found = new Set(ids.flatMap((id) => byId.get(id) ?? []));
    const said = [...found].filter(({ covers }) => covers(installed)).map(({ statement }) => statement);
    return said.length > 0 ? newestOfEach(said) : said;
  };
}

/** With its packages by their references, sorted when one is asked for. */
interface ReferredTarget extends VexTarget {
  readonly byRef: () => ReadonlyMap<string | undefined, readonly Package[]>;
}

function readProduct({ names, parts, versions }: VexProduct, target: ReferredTarget): NamesPackage {
  const isTarget = names.some(
    (name) => (parts !== undefined && name === target.target.name) || namesTarget(name, target),
  );
  const ofProduct = isTarget ? () => true : anyName(names, target);
  const covers = parts ? (isTarget ? anyName(parts.flat(), target) : () => false) : ofProduct;
  if (!versions) return covers;
  return (installed) => versions.includes(installed.version) && covers(installed);
}

function anyName(names: readonly string[], target: ReferredTarget): NamesPackage {
  const readers = names.map((name) => readReference(name, target) ?? readProductName(name));
  return (installed) => readers.some((covers) => covers?.(installed));
}

/** A BOM-Link, `urn:cdx:<serial number>/<version>#<reference>`, into the SBOM that is scanned. */
function readReference(name: string, { target, byRef }: ReferredTarget): NamesPackage | undefined {
  const [, serial, ref] = /^urn:cdx:([0-9a-f-]{36})\/\d+#(.+)$/is.exec(name) ?? [];
  if (serial === undefined || ref === undefined) return undefined;
  if (target.serialNumber?.toLowerCase() !== `urn:uuid:${serial.toLowerCase()}`) return () => false;
  const named = byRef().get(ref) ?? byRef().get(decoded(ref)) ?? [];
  // A reference that stands for two packages names neither.
  return (installed) => named.length === 1 && named[0]?.id === installed.id;
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
