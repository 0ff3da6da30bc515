import { ScannerError } from '../model/errors.ts';
import type { LayerFile } from '../model/layer.ts';
import type { ListedPackage } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import type { OwnedPaths, PackageLister } from './lister.ts';

/** Limits of what a layer and its files may bring. */
export const LISTING_LIMITS = {
  /** No distribution has so many packages; a database of more is not one. */
  maxPackagesPerFile: 500_000,
  /** Further problems of a file are counted, not listed. */
  maxProblemsPerFile: 100,
  maxNamespaceFileBytes: 64 * 1024,
  /** Of all files of a layer that say which paths packages own, and that are held until its end. */
  maxOwnerFileBytesPerLayer: 128 * 1024 * 1024,
  /** A layer with more files that packages own says no more of whose they are. */
  maxOwnedPathsPerLayer: 4_000_000,
};

/** What a file holds, as a lister sees it. */
export interface FileContents {
  readonly packages: readonly ListedPackage[];
  /** Empty unless asked for. */
  readonly ownedPaths: readonly OwnedPaths[];
  readonly problems: readonly Problem[];
}

/** What one lister makes of one file. A lister that breaks is a problem of the file, unless the layer itself cannot be read. */
export async function listFile(
  lister: PackageLister,
  file: LayerFile,
  { wantsOwnedPaths, limits }: { readonly wantsOwnedPaths: boolean; readonly limits: typeof LISTING_LIMITS },
): Promise<FileContents> {
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
