import { createHash } from 'node:crypto';
import type { LayerWalk, WalkOptions } from '../images/layer-walk.ts';
import { walkLayer } from '../images/walk-layer.ts';
import type { LayerFile, LayerFileHead, LayerSource } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { candidateListers } from './candidate-listers.ts';
import { detectors } from './detectors/registry.ts';
import type { LayerListing, ListedFile, PathAlias } from './layer-listing.ts';
import { LISTING_LIMITS, listFile } from './list-file.ts';
import type { PackageLister } from './lister.ts';
import { listers as allListers } from './listers/registry.ts';
import { isNamespacePath } from './namespace-paths.ts';
import { OwnedFiles } from './owned-files.ts';

/** How a layer is listed. Plain data, as far as it crosses thread borders. */
export interface ListLayerOptions {
  readonly verify: WalkOptions['verify'];
  /** Limits of reading the layer; those not given are the default. */
  readonly limits?: WalkOptions['limits'];
  /** Paths that symlinks of the whole chain lead elsewhere (default: none); see `overlay`. */
  readonly aliases?: readonly PathAlias[];
  readonly listingLimits?: typeof LISTING_LIMITS;
}

/**
 * Lists one layer, alone: what each lister finds in it, and the texts that say which release it is.
 *
 * @returns plain data. A lister that breaks is a problem of that file; it never breaks the layer.
 * @throws ScannerError where the layer itself cannot be read, and `image.limit-exceeded`.
 */
export function listLayer(source: LayerSource, options: ListLayerOptions): Promise<LayerListing> {
  return listWalked((walkOptions) => walkLayer(source, walkOptions), options);
}

/** Reads a layer of whatever kind: `walkLayer` with its source given. */
export type Walk = (options: WalkOptions) => Promise<LayerWalk>;

/** The same for a layer that is read in another way, or with other listers. */
export async function listWalked(
  walk: Walk,
  { verify, limits, aliases = [], listingLimits = LISTING_LIMITS }: ListLayerOptions,
  listers: readonly PackageLister[] = allListers,
): Promise<LayerListing> {
  const reading = new LayerReading(listers, aliases, listingLimits);
  const walked = await walk({
    verify,
    ...(limits && { limits }),
    wants: (head) => reading.wants(head),
    onFile: (file) => reading.take(file),
    onEnd: () => reading.attribute(),
  });
  return reading.listing(walked);
}

/** What is found in a layer while it is walked. */
class LayerReading {
  readonly #candidates: (path: string) => readonly PackageLister[];
  /** Names of those that list packages of operating systems. */
  readonly #osListers: ReadonlySet<string>;
  readonly #aliases: readonly PathAlias[];
  readonly #limits: typeof LISTING_LIMITS;
  // By path: of a path that the archive holds twice the last one counts.
  readonly #filesByPath = new Map<string, readonly ListedFile[]>();
  readonly #textByPath = new Map<string, string>();
  readonly #owned: OwnedFiles;
  readonly #problems: Problem[] = [];

  constructor(listers: readonly PackageLister[], aliases: readonly PathAlias[], limits: typeof LISTING_LIMITS) {
    this.#candidates = candidateListers(listers);
    this.#osListers = new Set(listers.filter((it) => it.databaseDirectories).map(({ name }) => name));
    this.#aliases = aliases;
    this.#limits = limits;
    this.#owned = new OwnedFiles(limits);
  }

  /** Asked for every path of an image, so without aliases nothing is made on the way. */
  wants(head: LayerFileHead): boolean {
    if (this.#aliases.length === 0) return this.#isWanted(head);
    return pathsOf(head.path, this.#aliases).some((path) =>
      this.#isWanted(path === head.path ? head : headAs(head, path)),
    );
  }

  async take(file: LayerFile): Promise<void> {
    const paths = pathsOf(file.path, this.#aliases);
    const listed: ListedFile[] = [];
    for (const path of paths) {
      const seen = path === file.path ? file : readAs(file, path);
      for (const lister of this.#candidates(path)) {
        if (lister.wants(seen)) listed.push(...(await this.#list(lister, seen, file.path)));
        if (lister.wantsForOwnedPaths?.(seen) === true) await this.#owned.add(lister, seen);
      }
    }
    this.#filesByPath.set(file.path, listed);
    if (!paths.some(isNamespacePath)) return;
    const { maxNamespaceFileBytes } = this.#limits;
    if (file.sizeBytes <= maxNamespaceFileBytes) this.#textByPath.set(file.path, await file.text());
    else this.#problems.push(tooLarge(file, maxNamespaceFileBytes));
  }

  /** At the end of the walk: files of languages that belong to OS packages get their owners. */
  async attribute(): Promise<void> {
    const isOfLanguage = ({ lister }: ListedFile): boolean => !this.#osListers.has(lister);
    const paths = [...this.#filesByPath].filter(([, files]) => files.some(isOfLanguage)).map(([path]) => path);
    if (paths.length === 0) return;
    for (const [path, owner] of await this.#owned.ownersOf(paths)) {
      const files = this.#filesByPath.get(path)!;
      const attributed = files.map((file) => (isOfLanguage(file) ? { ...file, owner } : file));
      this.#filesByPath.set(path, attributed);
    }
  }

  listing(walked: LayerWalk): LayerListing {
    for (const path of walked.replacedFiles ?? []) {
      this.#filesByPath.delete(path);
      this.#textByPath.delete(path);
    }
    return {
      files: [...this.#filesByPath.values()].flat().sort(compareFiles),
      texts: [...this.#textByPath].sort(([a], [b]) => compareText(a, b)),
      walk: { ...walked, problems: [...walked.problems, ...this.#problems, ...this.#owned.problems] },
      aliases: this.#aliases,
    };
  }

  #isWanted(head: LayerFileHead): boolean {
    return (
      isNamespacePath(head.path) ||
      this.#candidates(head.path).some((it) => it.wants(head) || it.wantsForOwnedPaths?.(head) === true)
    );
  }

  /** Nothing of a file that holds nothing: most programs are neither of Go nor of Rust. */
  async #list(lister: PackageLister, file: LayerFile, path: string): Promise<readonly ListedFile[]> {
    const { packages, problems } = await listFile(lister, file, { wantsOwnedPaths: false, limits: this.#limits });
    if (packages.length + problems.length === 0) return [];
    const asPath = path === file.path ? {} : { asPath: file.path };
    return [{ path, ...asPath, lister: lister.name, packages, problems }];
  }
}

function compareFiles(a: ListedFile, b: ListedFile): number {
  return compareText(a.path, b.path) || compareText(a.lister, b.lister);
}

/** What the listing of a layer depends on beside its bytes: a hash over the plugins' names and versions, as part of cache keys. */
export function listersVersion(): string {
  const plugins = [...allListers, ...detectors].map(({ name, version }) => `${name}@${version}`);
  return createHash('sha256')
    .update(['listing@2', ...plugins.sort()].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** The path itself, and those under which symlinks of the chain let it appear. */
function pathsOf(path: string, aliases: readonly PathAlias[]): readonly string[] {
  if (aliases.length === 0) return [path];
  const others = aliases
    .filter(({ realPath }) => path === realPath || path.startsWith(`${realPath}/`))
    .map((alias) => alias.path + path.slice(alias.realPath.length));
  return [path, ...others];
}

/** Property by property: the head of a file in a directory asks the disk only for what is looked at. */
function headAs({ mode, sizeBytes, head }: LayerFileHead, path: string): LayerFileHead {
  return { path, mode, sizeBytes, head };
}

function readAs(file: LayerFile, path: string): LayerFile {
  return {
    path,
    realPath: file.path,
    mode: file.mode,
    sizeBytes: file.sizeBytes,
    head: file.head,
    bytes: () => file.bytes(),
    text: () => file.text(),
    read: (offset, length) => file.read(offset, length),
    ...(file.keep && { keep: () => file.keep?.() }),
  };
}

function tooLarge({ path, sizeBytes }: LayerFile, maxNamespaceFileBytes: number): Problem {
  const message = `a release file of ${sizeBytes} bytes is not read (maxNamespaceFileBytes ${maxNamespaceFileBytes})`;
  return { code: 'detector.file-too-large', message, path };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
