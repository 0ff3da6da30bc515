import { createHash } from 'node:crypto';
import type { LayerWalk, WalkOptions } from '../images/layer-walk.ts';
import { walkLayer } from '../images/walk-layer.ts';
import { ScannerError } from '../model/errors.ts';
import type { LayerFile, LayerFileHead, LayerSource } from '../model/layer.ts';
import type { ListedPackage } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import { candidateListers } from './candidate-listers.ts';
import { detectors } from './detectors/registry.ts';
import type { LayerListing, ListedFile, PathAlias } from './layer-listing.ts';
import type { OwnedPaths, PackageLister } from './lister.ts';
import { listers as allListers } from './listers/registry.ts';
import { isNamespacePath } from './namespace-paths.ts';

/** Limits of what one file may bring. */
export const LISTING_LIMITS = {
  /** No distribution has so many packages; a database of more is not one. */
  maxPackagesPerFile: 500_000,
  /** Further problems of a file are counted, not listed. */
  maxProblemsPerFile: 100,
  maxNamespaceFileBytes: 64 * 1024,
};

/** How a layer is listed. Plain data, as far as it crosses thread borders. */
export interface ListLayerOptions {
  readonly verify: WalkOptions['verify'];
  /** Limits of reading the layer; those not given are the default. */
  readonly limits?: WalkOptions['limits'];
  /** Whether it is asked which paths each package owns (default: no). */
  readonly wantsOwnedPaths?: boolean;
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
  {
    verify,
    limits: walkLimits,
    wantsOwnedPaths = false,
    aliases = [],
    listingLimits: limits = LISTING_LIMITS,
  }: ListLayerOptions,
  listers: readonly PackageLister[] = allListers,
): Promise<LayerListing> {
  // By path: of a path that the archive holds twice the last one counts.
  const filesByPath = new Map<string, readonly ListedFile[]>();
  const textByPath = new Map<string, string>();
  const problems: Problem[] = [];
  const candidates = candidateListers(listers);
  const isListedBy = (lister: PackageLister, head: LayerFileHead): boolean =>
    lister.wants(head) || (wantsOwnedPaths && lister.wantsForOwnedPaths?.(head) === true);
  const isWanted = (head: LayerFileHead): boolean =>
    isNamespacePath(head.path) || candidates(head.path).some((lister) => isListedBy(lister, head));
  const listWanted = async (file: LayerFile): Promise<readonly ListedFile[]> => {
    const listed: ListedFile[] = [];
    for (const path of pathsOf(file.path, aliases)) {
      const seen = path === file.path ? file : readAs(file, path);
      for (const lister of candidates(path).filter((it) => isListedBy(it, seen))) {
        listed.push({
          path: file.path,
          ...(path !== file.path && { asPath: path }),
          lister: lister.name,
          ...(await listFile(lister, seen, { wantsOwnedPaths, limits })),
        });
      }
    }
    return listed;
  };

  const walked = await walk({
    verify,
    ...(walkLimits && { limits: walkLimits }),
    // Asked for every path of an image, so without aliases nothing is made on the way.
    wants: (head) =>
      aliases.length === 0
        ? isWanted(head)
        : pathsOf(head.path, aliases).some((path) => isWanted(path === head.path ? head : headAs(head, path))),
    onFile: async (file) => {
      filesByPath.set(file.path, await listWanted(file));
      if (!pathsOf(file.path, aliases).some(isNamespacePath)) return;
      if (file.sizeBytes <= limits.maxNamespaceFileBytes) textByPath.set(file.path, await file.text());
      else problems.push(tooLarge(file, limits.maxNamespaceFileBytes));
    },
  });
  for (const path of walked.replacedFiles ?? []) {
    filesByPath.delete(path);
    textByPath.delete(path);
  }
  return {
    files: [...filesByPath.values()].flat().sort(compareFiles),
    texts: [...textByPath].sort(([a], [b]) => compareText(a, b)),
    walk: { ...walked, problems: [...walked.problems, ...problems] },
    aliases,
  };
}

function compareFiles(a: ListedFile, b: ListedFile): number {
  return compareText(a.path, b.path) || compareText(a.lister, b.lister);
}

/** What the listing of a layer depends on beside its bytes: a hash over the plugins' names and versions, as part of cache keys. */
export function listersVersion(): string {
  const plugins = [...allListers, ...detectors].map(({ name, version }) => `${name}@${version}`);
  return createHash('sha256')
    .update(['listing@1', ...plugins.sort()].join('\n'))
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
  };
}

async function listFile(
  lister: PackageLister,
  file: LayerFile,
  { wantsOwnedPaths, limits }: { readonly wantsOwnedPaths: boolean; readonly limits: typeof LISTING_LIMITS },
): Promise<Pick<ListedFile, 'packages' | 'ownedPaths' | 'problems'>> {
  const packages: ListedPackage[] = [];
  const ownedPaths: OwnedPaths[] = [];
  const problems: Problem[] = [];
  let problemCount = 0;
  const problem = (it: Problem) => {
    if (++problemCount <= limits.maxProblemsPerFile) problems.push({ path: file.path, ...it });
  };
  try {
    for await (const listed of lister.list(file, { problem, wantsOwnedPaths })) {
      if ('owner' in listed) {
        if (wantsOwnedPaths) ownedPaths.push(listed);
      } else packages.push(listed);
      if (packages.length > limits.maxPackagesPerFile) throw tooManyPackages(file.path, limits.maxPackagesPerFile);
    }
  } catch (error) {
    if (error instanceof ScannerError && /^(archive|image)\./.test(error.code)) throw error;
    problem({
      code: 'lister.failed',
      message: `the lister ${lister.name} failed: ${error instanceof Error ? error.message : error}`,
    });
  }
  if (problemCount > limits.maxProblemsPerFile) {
    const message = `${problemCount - limits.maxProblemsPerFile} further problems in this file`;
    problems.push({ code: 'lister.more-problems', message, path: file.path });
  }
  return { packages, ownedPaths, problems };
}

function tooManyPackages(path: string, maxPackagesPerFile: number): ScannerError {
  const message = `${path} lists more packages than maxPackagesPerFile allows (${maxPackagesPerFile})`;
  return new ScannerError('image.limit-exceeded', message, { limit: 'maxPackagesPerFile', maxPackagesPerFile });
}

function tooLarge({ path, sizeBytes }: LayerFile, maxNamespaceFileBytes: number): Problem {
  const message = `a release file of ${sizeBytes} bytes is not read (maxNamespaceFileBytes ${maxNamespaceFileBytes})`;
  return { code: 'detector.file-too-large', message, path };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
