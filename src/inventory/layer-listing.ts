import type { LayerWalk } from '../images/layer-walk.ts';
import type { ListedPackage } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';

/** An OS package to which a file belongs. */
export interface FileOwner {
  /** Name of the lister that lists the package. */
  readonly lister: string;
  readonly name: string;
}

/** What one lister made of one file of a layer. */
export interface ListedFile {
  /** Where the file lies in the layer's own archive. */
  readonly path: string;
  /** The wanted path that leads to it, where that is an alias. */
  readonly asPath?: string;
  /** Name of the lister. */
  readonly lister: string;
  readonly packages: readonly ListedPackage[];
  /** The OS package that brought the file, as far as this very layer says so. */
  readonly owner?: FileOwner;
  readonly problems: readonly Problem[];
}

/**
 * A path that plugins ask for and a symlink leads elsewhere: what lies at `realPath` (and below it) is read as if it lay at `path`.
 * Only the overlay of a whole chain can tell; a layer alone does not know what its paths lead to.
 */
export interface PathAlias {
  readonly path: string;
  readonly realPath: string;
}

/** What a layer yields, alone. Plain data: it crosses thread borders, lies in the layer cache and in the server's state. */
export interface LayerListing {
  /** Sorted by path, then lister. */
  readonly files: readonly ListedFile[];
  /** Texts of namespace files, path and text; sorted by path. */
  readonly texts: readonly (readonly [path: string, text: string])[];
  /** What the layer does to those below. */
  readonly walk: LayerWalk;
  /** The aliases that it was read with; sorted. */
  readonly aliases: readonly PathAlias[];
}
