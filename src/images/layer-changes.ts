import type { Problem } from '../model/problem.ts';
import type { LayerWalk } from './layer-walk.ts';
import type { ImageLimits } from './limits.ts';
import { hashOfPath, hasPathHash } from './path-hashes.ts';
import { containPath, joinPath, parentOf, resolvePath } from './resolve-path.ts';

const WHITEOUT_PREFIX = '.wh.';
const OPAQUE_MARK = '.wh..wh..opq';
/** Other marks of aufs, such as `.wh..wh.plnk`, concern aufs alone. */
const AUFS_PREFIX = '.wh..wh.';

/** Where an entry lies, or what it does to the layers below. */
export type Placement =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'mark' }
  | { readonly kind: 'nowhere' };

const MARK: Placement = { kind: 'mark' };
const NOWHERE: Placement = { kind: 'nowhere' };

/**
 * Gathers what one layer's entries, one after the other, make of a file system, as containerd would unpack them: a later entry
 * replaces an earlier one of its path, and a path that leads through a symlink of the layer itself lies where that points to.
 * Whiteouts concern the layers below only. Nothing ever lies outside the root: what tries to is put inside it and listed as a problem.
 * Source: the OCI image specification, "Image Layer Filesystem Changeset".
 */
export class LayerChanges {
  readonly #limits: ImageLimits;
  readonly #layer: string;
  readonly #whiteouts = new Set<string>();
  readonly #opaqueDirectories = new Set<string>();
  readonly #symlinks = new Map<string, string>();
  readonly #nonDirectories: number[] = [];
  readonly #directories: number[] = [];
  /** Kept files; false where a later entry replaced them. */
  readonly #keptFiles = new Map<string, boolean>();
  /** Symlinks and kept files by directory, and those directories by theirs: what goes when a later entry takes the place of one. */
  readonly #held = new Map<string, Set<string>>();
  readonly #problems: Problem[] = [];
  #problemCount = 0;
  #lastDirectory = '';
  #lastPlace: string | undefined = '';

  /** @param layer digest, for problems. */
  constructor(layer: string, limits: ImageLimits) {
    this.#layer = layer;
    this.#limits = limits;
  }

  /** Says where an entry lies, and takes note of whiteouts. @param written the path as the archive has it. */
  place(written: string): Placement {
    if (written.includes('\0')) {
      this.problem('layer.bad-path', 'a path holds a NUL byte; the entry is left out', JSON.stringify(written));
      return NOWHERE;
    }
    const { path, isEscaping } = containPath(written);
    if (isEscaping) this.problem('layer.escaping-path', `a path leads out of the root; taken as ${path}`, written);
    const directory = this.#placeDirectory(parentOf(path));
    if (directory === undefined) {
      this.problem('layer.symlink-loop', 'the way to an entry leads through too many symlinks; it is left out', path);
      return NOWHERE;
    }
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name.startsWith(WHITEOUT_PREFIX)) return this.#mark(directory, name, written);
    return { kind: 'path', path: joinPath(directory, name) };
  }

  /** Where a path without marks lies: its parents followed through symlinks of the layer; undefined where these lead in circles. */
  locate(path: string): string | undefined {
    const directory = this.#placeDirectory(parentOf(path));
    return directory === undefined ? undefined : joinPath(directory, path.slice(path.lastIndexOf('/') + 1));
  }

  addDirectory(path: string): void {
    this.#directories.push(hashOfPath(path));
    if (this.#symlinks.delete(path)) this.#forgetPlace();
    this.#replaceFile(path);
  }

  /** @param path of a file, hard link, device or pipe. */
  addNonDirectory(path: string): void {
    this.#nonDirectories.push(hashOfPath(path));
    if (this.#symlinks.delete(path)) this.#forgetPlace();
    this.#replaceFile(path);
    this.#replaceBelow(path);
  }

  addSymlink(path: string, target: string): void {
    this.addNonDirectory(path);
    this.#symlinks.set(path, target);
    this.#hold(path);
    this.#forgetPlace();
  }

  /** Called for a file that is handed on to plugins, after `addNonDirectory`. */
  keepFile(path: string): void {
    this.#keptFiles.set(path, true);
    this.#hold(path);
  }

  /** Whether the layer holds anything but a directory there; to be asked once all entries are in. */
  hasNonDirectory(): (path: string) => boolean {
    const hashes = Float64Array.from(this.#nonDirectories).sort();
    return (path) => hasPathHash(hashes, hashOfPath(path));
  }

  symlinkAt(path: string): string | undefined {
    return this.#symlinks.get(path);
  }

  problem(code: string, message: string, path: string): void {
    if (++this.#problemCount > this.#limits.maxProblemsPerLayer) return;
    this.#problems.push({ code, message, path, ...(this.#layer !== '' && { layer: this.#layer }) });
  }

  /** A wanted path holds what has no bytes of its own. */
  specialFile(path: string): void {
    this.problem('layer.special-file', 'a pipe, socket or device stands where a file is wanted; it is not read', path);
  }

  finish(): Omit<LayerWalk, 'verification' | 'fileCount' | 'uncompressedBytes'> {
    const hidden = this.#problemCount - this.#problems.length;
    if (hidden > 0) {
      const message = `${hidden} more problems of this layer are not listed`;
      this.#problems.push({ code: 'layer.more-problems', message, ...(this.#layer !== '' && { layer: this.#layer }) });
    }
    return {
      whiteouts: [...this.#whiteouts].sort(),
      opaqueDirectories: [...this.#opaqueDirectories].sort(),
      symlinks: [...this.#symlinks].sort(([a], [b]) => (a < b ? -1 : 1)),
      nonDirectories: Float64Array.from(this.#nonDirectories).sort(),
      directories: Float64Array.from(this.#directories).sort(),
      replacedFiles: [...this.#keptFiles].flatMap(([path, isThere]) => (isThere ? [] : [path])).sort(),
      problems: this.#problems,
    };
  }

  #mark(directory: string, name: string, written: string): Placement {
    if (name === OPAQUE_MARK) {
      this.#opaqueDirectories.add(directory);
      return MARK;
    }
    if (name.startsWith(AUFS_PREFIX)) return MARK;
    const target = name.slice(WHITEOUT_PREFIX.length);
    if (target === '' || target === '.' || target === '..') {
      this.problem('layer.bad-whiteout', 'a whiteout names no file; it is left out', written);
      return NOWHERE;
    }
    this.#whiteouts.add(joinPath(directory, target));
    return MARK;
  }

  /** Entries of one directory follow each other, so the last answer is mostly the next one. */
  #placeDirectory(directory: string): string | undefined {
    if (this.#symlinks.size === 0) return directory;
    if (directory === this.#lastDirectory) return this.#lastPlace;
    this.#lastDirectory = directory;
    this.#lastPlace = resolvePath(directory, (path) => this.#symlinks.get(path), this.#limits);
    return this.#lastPlace;
  }

  #forgetPlace(): void {
    this.#lastDirectory = '';
    this.#lastPlace = '';
  }

  #hold(path: string): void {
    for (let held = path, directory = parentOf(path); held !== ''; held = directory, directory = parentOf(directory)) {
      const siblings = this.#held.get(directory);
      if (siblings?.add(held)) return;
      this.#held.set(directory, new Set([held]));
    }
  }

  #replaceFile(path: string): void {
    if (this.#keptFiles.has(path)) this.#keptFiles.set(path, false);
  }

  /** What is no directory takes everything away that was below its path. */
  #replaceBelow(path: string): void {
    const pending = [path];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      const held = this.#held.get(directory);
      if (held === undefined) continue;
      this.#held.delete(directory);
      for (const below of held) {
        this.#symlinks.delete(below);
        this.#replaceFile(below);
        pending.push(below);
      }
    }
  }
}
