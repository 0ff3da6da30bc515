import { purlOfPackage } from '../documents/write-purl.ts';
import type { Inventory, InventoryLayer, Target } from '../model/inventory.ts';
import type { LayerSource } from '../model/layer.ts';
import type { ListedPackage, Location, Package } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import type { LayerListing } from './layer-listing.ts';
import type { OverlaidPackage, Overlay, PackageOwner } from './overlay.ts';

/** What is taken into an inventory. */
export interface BuildInventoryOptions {
  /**
   * Also packages of languages that an OS package brought (default: no). They take no part in matching: the distribution's advisories
   * speak of that package, with its patches.
   */
  readonly showOwned?: boolean;
}

/**
 * The inventory of a chain of layers.
 *
 * @param layers the layers of the overlay, by index, with their listings.
 */
export function buildInventory(
  target: Target,
  layers: readonly { readonly source: LayerSource; readonly listing: LayerListing }[],
  { packages, detected, problems }: Overlay,
  { showOwned = false }: BuildInventoryOptions = {},
): Inventory {
  const listed = showOwned ? packages : packages.filter(({ owner }) => owner === undefined);
  const digestOf = (index: number | undefined) => (index === undefined ? '' : (layers[index]?.source.digest ?? ''));
  return {
    target,
    ...(detected && { namespace: detected.namespace }),
    ...(detected?.repositoryCpes && { repositoryCpes: detected.repositoryCpes }),
    packages: withIds(listed.map((it) => packageOf(it, detected?.namespace, digestOf))),
    layers: layers.map(({ source, listing }) => layerOf(source, listing)),
    problems: problems.map(({ problem, layer }) => problemOf(problem, digestOf(layer))),
  };
}

type Unnumbered = Omit<Package, 'id'>;

function packageOf(
  { package: { innerPath, ...listed }, layer, path: filePath, removedBy, owner }: OverlaidPackage,
  imageNamespace: string | undefined,
  digestOf: (index: number | undefined) => string,
): Unnumbered {
  const namespace = listed.namespace ?? imageNamespace;
  const digest = digestOf(layer);
  const path = innerPath === undefined ? filePath : `${filePath}!/${innerPath}`;
  const location: Location = digest === '' ? { path } : { layer: digest, path };
  const placed = { ...listed, ...(namespace !== undefined && { namespace }) };
  const purl = purlOfPackage(placed);
  return {
    ...placed,
    ...(owner && ownedFacts(owner, placed)),
    ...(purl !== undefined && { purl }),
    locations: [location],
    ...(removedBy !== undefined && { removedBy: digestOf(removedBy) }),
  };
}

/** What tells a package that an OS package brought from others. */
function ownedFacts({ type, name }: PackageOwner, { properties }: ListedPackage): Partial<ListedPackage> {
  return { filtered: `owned by ${type} package ${name}`, properties: { ...properties, ownedBy: `${type}/${name}` } };
}

/**
 * Sorts packages by type, name, version, arch, first location, and gives them their ids: `deb/openssl@3.0.14-1?amd64`, with `#2`
 * and so on where the same comes again.
 */
export function withIds(packages: readonly Unnumbered[]): readonly Package[] {
  const counts = new Map<string, number>();
  const sorted = packages.toSorted(comparePackages);
  const bases = sorted.map((it) => `${it.type}/${it.name}@${it.version}${it.arch === undefined ? '' : `?${it.arch}`}`);
  // A version may itself end in `#2`: a number that makes another's id is left out.
  let taken: ReadonlySet<string> | undefined;
  const isTaken = (id: string): boolean => {
    taken ??= new Set(bases);
    return taken.has(id);
  };
  return sorted.map((it, index) => {
    const base = bases[index]!;
    let count = (counts.get(base) ?? 0) + 1;
    while (count > 1 && isTaken(`${base}#${count}`)) count++;
    counts.set(base, count);
    return { id: count === 1 ? base : `${base}#${count}`, ...it };
  });
}

function comparePackages(a: Unnumbered, b: Unnumbered): number {
  return (
    compareText(a.type, b.type) ||
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.arch ?? '', b.arch ?? '') ||
    compareText(a.locations[0]?.path ?? '', b.locations[0]?.path ?? '') ||
    compareText(a.locations[0]?.layer ?? '', b.locations[0]?.layer ?? '') ||
    compareText(a.removedBy ?? '', b.removedBy ?? '')
  );
}

/** By UTF-16 code units: the same on every machine. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function layerOf({ index, digest, createdBy }: LayerSource, { walk }: LayerListing): InventoryLayer {
  return { index, digest, ...(createdBy !== undefined && { createdBy }), verification: walk.verification };
}

function problemOf(problem: Problem, layer: string): Problem {
  return layer === '' || problem.layer !== undefined ? problem : { ...problem, layer };
}
