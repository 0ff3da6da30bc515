import type { LayerFile } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { FileOwner } from './layer-listing.ts';
import { type LISTING_LIMITS, listFile } from './list-file.ts';
import type { OwnedPaths, PackageLister } from './lister.ts';

/** Directories at the root that newer releases moved into `usr`; packages and their lists name either place. */
const MERGED = /^(usr\/)?((?:s?bin|lib(?:32|64|x32)?)\/.*)$/s;

/**
 * Finds out which files of a layer belong to OS packages.
 *
 * A package manager writes a package's files and the list of them in one go, so both lie in the same layer; a file of a later layer
 * in the place of a package's own is no longer the package's. The lists are long and most layers have nothing to ask them, so they
 * are only kept while the layer is read, and looked into at its end.
 */
export class OwnedFiles {
  readonly #limits: typeof LISTING_LIMITS;
  readonly #sources: { readonly lister: string; readonly read: () => Promise<readonly OwnedPaths[]> }[] = [];
  readonly problems: Problem[] = [];
  #keptBytes = 0;
  #pathCount = 0;

  constructor(limits: typeof LISTING_LIMITS) {
    this.#limits = limits;
  }

  /** Takes note of a file that says which paths packages own. One that cannot be kept is read at once. */
  async add(lister: PackageLister, file: LayerFile): Promise<void> {
    if (file.keep === undefined) {
      const ownedPaths = await this.#read(lister, file);
      this.#sources.push({ lister: lister.name, read: async () => ownedPaths });
      return;
    }
    const { maxOwnerFileBytesPerLayer } = this.#limits;
    this.#keptBytes += file.sizeBytes;
    if (this.#keptBytes > maxOwnerFileBytesPerLayer) {
      this.#tellLimit('maxOwnerFileBytesPerLayer', maxOwnerFileBytesPerLayer, file.path);
      return;
    }
    file.keep();
    this.#sources.push({ lister: lister.name, read: () => this.#read(lister, file) });
  }

  /** Who owns each of these paths; those that nobody owns are left out. To be asked once, at the end of the walk. */
  async ownersOf(paths: readonly string[]): Promise<ReadonlyMap<string, FileOwner>> {
    // The path as it is counts before what it may be elsewhere.
    const pathByPlace = new Map([...paths.flatMap(otherPlaceOf), ...paths.map((path) => [path, path] as const)]);
    const owners = new Map<string, FileOwner>();
    for (const { lister, read } of this.#sources) {
      for (const { owner, ownedPaths } of await read()) {
        for (const owned of ownedPaths) {
          const path = pathByPlace.get(owned);
          if (path !== undefined) owners.set(path, { lister, name: owner });
        }
      }
    }
    return owners;
  }

  async #read(lister: PackageLister, file: LayerFile): Promise<readonly OwnedPaths[]> {
    const { maxOwnedPathsPerLayer } = this.#limits;
    // Its packages and problems were taken when it was listed for them.
    const { ownedPaths } = await listFile(lister, file, { wantsOwnedPaths: true, limits: this.#limits });
    this.#pathCount += ownedPaths.reduce((sum, it) => sum + it.ownedPaths.length, 0);
    if (this.#pathCount <= maxOwnedPathsPerLayer) return ownedPaths;
    this.#tellLimit('maxOwnedPathsPerLayer', maxOwnedPathsPerLayer, file.path);
    return [];
  }

  /** Said once. What is not attributed is listed by itself: nothing is lost. */
  #tellLimit(limit: string, value: number, path: string): void {
    if (this.problems.length > 0) return;
    const message = `above the limit ${limit} = ${value}: which files packages own is not read from here on`;
    this.problems.push({ code: 'lister.limit-exceeded', message, path });
  }
}

/** The path that leads to the same file where `/lib` and `/usr/lib` are the same, with the path itself. */
function otherPlaceOf(path: string): readonly (readonly [place: string, path: string])[] {
  const [, usr, rest] = MERGED.exec(path) ?? [];
  return rest === undefined ? [] : [[usr === undefined ? `usr/${rest}` : rest, path]];
}
