import type { LayerFile, LayerFileHead } from '../model/layer.ts';
import type { ListedPackage } from '../model/package.ts';
import type { ReportProblem } from '../model/problem.ts';

/** What a lister yields: a package, or paths that the package named just before owns. */
export type Listed = ListedPackage | OwnedPaths;

/** Files that belong to an OS package: what a language lister finds there is attributed to it. */
export interface OwnedPaths {
  readonly ownedPaths: readonly string[];
  /** Name of the package of this lister that owns them. */
  readonly owner: string;
}

export interface ListerContext {
  readonly problem: ReportProblem;
  /** Whether owned paths are asked for; else a lister spares itself the work. */
  readonly wantsOwnedPaths: boolean;
}

/** Reads what one package manager has installed, or one kind of lockfile. Pure over the file's bytes. */
export interface PackageLister {
  readonly name: string;
  /** Raised when what it yields changes: cached layers are then listed again. */
  readonly version: number;
  /**
   * Directories in which a package manager keeps its database, when it has a fixed place: they are found through symlinks too.
   * No leading `/`.
   */
  readonly databaseDirectories?: readonly string[];
  /**
   * Last segments of the paths that it may want, exact (`Cargo.lock`) or by their ending (`*.jar`). A lister that names them is asked
   * about such files only, so that a path costs a look into a table and not a question to every lister.
   */
  readonly fileNames?: readonly string[];
  /** Cheap: it is asked for every path of an image that `fileNames` lets pass. Paths have no leading `/`. */
  wants(file: LayerFileHead): boolean;
  /** Files that say which paths a package owns; they are listed once more, for these, where a layer holds packages of languages. */
  wantsForOwnedPaths?(file: LayerFileHead): boolean;
  /** Never throws on bad bytes: what cannot be read is a problem. */
  list(file: LayerFile, context: ListerContext): AsyncIterable<Listed>;
}
