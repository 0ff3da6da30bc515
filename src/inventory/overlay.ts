import { shadows } from '../images/layer-walk.ts';
import type { ListedPackage } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import { detectNamespace } from './detect-namespace.ts';
import type { DetectedNamespace } from './detector.ts';
import { FileTree } from './file-tree.ts';
import type { LayerListing, ListedFile, PathAlias } from './layer-listing.ts';
import { NAMESPACE_DIRECTORIES, NAMESPACE_FILES } from './namespace-paths.ts';
import { neededAliases } from './needed-aliases.ts';

/** Which packages count: those of the merged file system, or also those that a later layer removed. */
export type LayerChoice = 'squashed' | 'all';

/** A package as a chain of layers has it. */
export interface OverlaidPackage {
  readonly package: ListedPackage;
  /** Index of the layer that first brought it; a package that was removed and comes again belongs to the layer that brings it again. */
  readonly layer: number;
  /** The file of that layer that says so. */
  readonly path: string;
  /** Index of the layer that removed it. */
  readonly removedBy?: number;
  /** The OS package, listed too, that brought that file. */
  readonly owner?: PackageOwner;
}

/** An OS package to which another belongs. */
export interface PackageOwner {
  /** purl type. */
  readonly type: string;
  readonly name: string;
}

/** What the listings of a chain come to. */
export interface Overlay {
  readonly packages: readonly OverlaidPackage[];
  readonly detected: DetectedNamespace | undefined;
  /** `layer` of a problem is its index, if it is of one. */
  readonly problems: readonly { readonly problem: Problem; readonly layer?: number }[];
  /** Layers, by index, that must be listed again with these aliases before the overlay is whole; empty when it is. */
  readonly unread: ReadonlyMap<number, readonly PathAlias[]>;
}

/** A file of the merged file system that was kept. */
interface KeptFile {
  readonly layer: number;
  readonly path: string;
  listed: readonly ListedFile[];
  text: string | undefined;
}

/**
 * Puts the listings of a chain's layers together, the lowest first, with the semantics of the file system: what an upper layer
 * deletes, replaces or hides is gone, and paths are followed through symlinks.
 *
 * @param choice with `all`, packages that a later layer removed are listed too, marked so; also the problems of hidden files.
 */
export function overlay(listings: readonly LayerListing[], choice: LayerChoice): Overlay {
  const tree = new FileTree<KeptFile>();
  const history = new PackageHistory();
  const unread = new Map<number, readonly PathAlias[]>();
  const problems: { problem: Problem; layer?: number }[] = [];
  let visible: readonly VisibleFile[] = [];
  let lastDetected: DetectedNamespace | undefined;
  let symlinkProblems: readonly Problem[] = [];

  for (const [index, listing] of listings.entries()) {
    tree.apply(listing.walk, keptFilesOf(listing, index));
    visible = visibleFiles(tree);
    history.advance(index, visible);
    const needed = neededAliases(tree);
    for (const [layer, missing] of missingAliases(needed.aliases, listings.slice(0, index + 1))) {
      unread.set(layer, mergeAliases(unread.get(layer) ?? listings[layer]!.aliases, missing));
    }
    symlinkProblems = needed.problems;
    if (listing.texts.length > 0) lastDetected = detect(tree, () => {}) ?? lastDetected;
    problems.push(...listing.walk.problems.map((problem) => ({ problem, layer: index })));
  }

  const files = choice === 'all' ? allFiles(listings) : visible;
  const osTypes = osTypesOf(choice === 'all' ? allFiles(listings) : visible);
  for (const { file, layer } of files) {
    // What cannot be read of a file that belongs to an OS package, is told by that package.
    if (ownerOf(file, osTypes) === undefined) problems.push(...file.problems.map((problem) => ({ problem, layer })));
  }
  problems.push(...symlinkProblems.map((problem) => ({ problem })));
  const detected = detect(tree, (problem) => problems.push({ problem })) ?? lastDetected;
  if (detected && detected === lastDetected) problems.push({ problem: removedNamespace(detected.namespace) });
  return {
    packages: history.packages(choice, osTypes),
    detected,
    problems,
    unread,
  };
}

function keptFilesOf({ files, texts }: LayerListing, layer: number): ReadonlyMap<string, KeptFile> {
  const kept = new Map<string, KeptFile>();
  const at = (path: string): KeptFile => {
    const file = kept.get(path) ?? { layer, path, listed: [], text: undefined };
    kept.set(path, file);
    return file;
  };
  for (const listed of files) {
    const file = at(listed.path);
    file.listed = [...file.listed, listed];
  }
  for (const [path, text] of texts) at(path).text = text;
  return kept;
}

interface VisibleFile {
  readonly layer: number;
  readonly file: ListedFile;
}

function allFiles(listings: readonly LayerListing[]): readonly VisibleFile[] {
  return listings.flatMap((listing, layer) => listing.files.map((file) => ({ file, layer })));
}

/** Listed files that are there under the very path by which their lister wants them. */
function visibleFiles(tree: FileTree<KeptFile>): readonly VisibleFile[] {
  const visible: VisibleFile[] = [];
  for (const [, kept] of tree.filesBelow('')) {
    for (const file of kept.listed) {
      if (tree.file(file.asPath ?? file.path) === kept) visible.push({ file, layer: kept.layer });
    }
  }
  return visible;
}

/** purl types of OS packages, by their listers and names. */
type OsTypes = ReadonlyMap<string, string>;

function osTypesOf(files: readonly VisibleFile[]): OsTypes {
  const types = new Map<string, string>();
  for (const { file } of files) {
    for (const { name, type, namespace } of file.packages)
      if (namespace === undefined) types.set(`${file.lister}\0${name}`, type);
  }
  return types;
}

/** Whose a file is. A package that is not listed owns nothing: its files would not be listed at all. */
function ownerOf({ owner }: ListedFile, types: OsTypes): PackageOwner | undefined {
  const type = owner && types.get(`${owner.lister}\0${owner.name}`);
  return owner && type !== undefined ? { type, name: owner.name } : undefined;
}

/** A package with the file that first said so. */
type Origin = Omit<OverlaidPackage, 'path' | 'owner'> & { readonly file: ListedFile };

/** Which packages there were after each layer, and where each of them came from. */
class PackageHistory {
  #current = new Map<string, Origin>();
  readonly #removed = new Map<string, Origin>();

  /** Takes note of what is there once a layer lies on top. */
  advance(layer: number, visible: readonly VisibleFile[]): void {
    const next = new Map<string, Origin>();
    for (const { file, layer: origin } of visible) {
      for (const listed of file.packages) {
        const key = identityOf(listed, file);
        if (!next.has(key)) next.set(key, this.#current.get(key) ?? { package: listed, layer: origin, file });
      }
    }
    for (const [key, gone] of this.#current) if (!next.has(key)) this.#removed.set(key, { ...gone, removedBy: layer });
    for (const key of next.keys()) this.#removed.delete(key);
    this.#current = next;
  }

  packages(choice: LayerChoice, osTypes: OsTypes): readonly OverlaidPackage[] {
    const origins = [...this.#current.values(), ...(choice === 'all' ? this.#removed.values() : [])];
    return origins.map(({ file, ...origin }) => {
      const owner = ownerOf(file, osTypes);
      return { ...origin, path: file.path, ...(owner && { owner }) };
    });
  }
}

/** An OS package is the same wherever its database lies; a language package is one for each place. */
function identityOf(listed: ListedPackage, file: ListedFile): string {
  const { type, name, version, arch, module, source, namespace, innerPath = '' } = listed;
  const place = namespace === undefined ? '' : `${file.path}!/${innerPath}`;
  return [file.lister, type, name, version, arch, module, source?.name, source?.version, place].join('\0');
}

function detect(tree: FileTree<KeptFile>, problem: (problem: Problem) => void): DetectedNamespace | undefined {
  const texts = new Map<string, string>();
  const take = (path: string, file: KeptFile | undefined) => {
    if (file?.text !== undefined) texts.set(path, file.text);
  };
  for (const path of NAMESPACE_FILES) take(path, tree.file(path));
  for (const directory of NAMESPACE_DIRECTORIES) {
    for (const [name, file] of tree.filesBelow(directory)) if (!name.includes('/')) take(`${directory}/${name}`, file);
  }
  return detectNamespace(texts, problem);
}

/** Aliases with which layers were not listed, by layer; only of layers that may hold something there. */
function* missingAliases(
  aliases: readonly PathAlias[],
  listings: readonly LayerListing[],
): Generator<readonly [layer: number, missing: PathAlias[]]> {
  if (aliases.length === 0) return;
  for (const [layer, { walk, aliases: known }] of listings.entries()) {
    const missing = aliases.filter(({ path, realPath }) => {
      if (known.some((alias) => alias.path === path && alias.realPath === realPath)) return false;
      const isFile = NAMESPACE_FILES.includes(path);
      return walk.fileCount > 0 && (!isFile || shadows(walk, realPath));
    });
    if (missing.length > 0) yield [layer, missing];
  }
}

function mergeAliases(known: readonly PathAlias[], more: readonly PathAlias[]): readonly PathAlias[] {
  const byKey = new Map([...known, ...more].map((alias) => [`${alias.path}\0${alias.realPath}`, alias]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

function removedNamespace(namespace: string): Problem {
  const message = `no release file is left; ${namespace} is what lower layers say`;
  return { code: 'overlay.release-file-removed', message };
}
