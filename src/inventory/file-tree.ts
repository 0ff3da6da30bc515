import type { LayerWalk } from '../images/layer-walk.ts';
import { hashOfPath, hasPathHash } from '../images/path-hashes.ts';

/** Linux gives up at the same number. Source: path_resolution(7). */
const MAX_SYMLINK_HOPS = 40;

/** A directory, unless it is a symlink or a kept file. */
interface Node<File> {
  readonly name: string;
  readonly parent: Node<File> | undefined;
  /** Of the path from the root; made when it is first asked for. */
  hash: number | undefined;
  children: Map<string, Node<File>>;
  /** Target as written. */
  link: string | undefined;
  file: File | undefined;
}

/**
 * The merged file system of a chain of layers, as far as it concerns an inventory: all symlinks, and the files that were kept.
 *
 * Layers are put on one after the other, from the lowest. A path of a layer may lead through symlinks of the layers below, so
 * everything is kept where it really lies. Symlinks that climb out of the root end at the root, as in a container.
 * Source: the OCI image specification, "Image Layer Filesystem Changeset".
 */
export class FileTree<File> {
  readonly #root: Node<File> = emptyNode('', undefined);

  /** Puts a layer on top: first what it hides of the layers below, then its own symlinks and files. */
  apply(walk: LayerWalk, files: Iterable<readonly [path: string, file: File]>): void {
    for (const path of walk.whiteouts) this.#remove(this.#findOwn(path));
    this.#removeReplaced(this.#root, walk);
    for (const directory of walk.opaqueDirectories) this.#find(directory)?.children.clear();
    for (const [path, target] of walk.symlinks) {
      const node = this.#make(path);
      if (node) Object.assign(node, { link: target, file: undefined, children: new Map() });
    }
    for (const [path, file] of files) {
      const node = this.#make(path);
      if (node) Object.assign(node, { link: undefined, file, children: new Map() });
    }
  }

  /** Where a path leads, through all symlinks; undefined where they go in circles. Whether anything lies there is not asked. */
  resolve(path: string): string | undefined {
    return this.#walk(path)?.join('/');
  }

  /** The kept file at a path, reached through symlinks or not. */
  file(path: string): File | undefined {
    return this.#find(path)?.file;
  }

  /** All kept files, each with the path at which it really lies, in the order of the paths' segments. */
  *files(): Generator<readonly [path: string, file: File]> {
    yield* filesBelow(this.#root, '');
  }

  /** Kept files at or below a path, with the rest of their paths (`` for the path itself). */
  *filesBelow(path: string): Generator<readonly [rest: string, file: File]> {
    const node = this.#find(path);
    if (node) yield* filesBelow(node, '');
  }

  /** Paths of the symlinks below a directory, relative to it; symlinks inside a symlinked directory are not followed. */
  *symlinksBelow(directory: string): Generator<string> {
    const node = this.#find(directory);
    if (node) yield* symlinksBelow(node, '');
  }

  /** Segments of the real path. */
  #walk(path: string, followLast = true): string[] | undefined {
    const segments = path.split('/').reverse();
    const trail = [this.#root];
    const real: string[] = [];
    for (let hops = 0; segments.length > 0; ) {
      const segment = segments.pop()!;
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        real.pop();
        trail.length = Math.max(1, Math.min(trail.length, real.length + 1));
        continue;
      }
      // The trail is shorter than the path where nothing of it is known.
      const node = trail.length === real.length + 1 ? trail.at(-1)!.children.get(segment) : undefined;
      if (node?.link !== undefined && (followLast || segments.length > 0)) {
        if (++hops > MAX_SYMLINK_HOPS) return undefined;
        if (node.link.startsWith('/')) {
          real.length = 0;
          trail.length = 1;
        }
        segments.push(...node.link.split('/').reverse());
        continue;
      }
      real.push(segment);
      if (node) trail.push(node);
    }
    return real;
  }

  /** The node at the end of a path and all its symlinks. */
  #find(path: string): Node<File> | undefined {
    return this.#at(this.#walk(path));
  }

  /** The node of a path itself, be it a symlink: only the way there is followed. */
  #findOwn(path: string): Node<File> | undefined {
    return this.#at(this.#walk(path, false));
  }

  #at(segments: readonly string[] | undefined): Node<File> | undefined {
    let node = segments && this.#root;
    for (const segment of segments ?? []) node = node?.children.get(segment);
    return node;
  }

  /** The node of a path itself, made where it is not there yet; undefined for the root and where the way goes in circles. */
  #make(path: string): Node<File> | undefined {
    const segments = this.#walk(path, false);
    if (!segments || segments.length === 0) return undefined;
    let node = this.#root;
    for (const segment of segments) {
      // What has something below it is a directory, whatever it was in the layers below.
      node.file = undefined;
      let child = node.children.get(segment);
      if (!child) {
        child = emptyNode(segment, node);
        node.children.set(segment, child);
      }
      node = child;
    }
    return node;
  }

  #remove(node: Node<File> | undefined): void {
    node?.parent?.children.delete(node.name);
  }

  /** Takes away what a layer has in another kind: files and symlinks where it has anything, directories where it has none. */
  #removeReplaced(parent: Node<File>, walk: LayerWalk): void {
    for (const node of parent.children.values()) {
      node.hash ??= hashOfPath(pathOf(node));
      const isDirectory = node.link === undefined && node.file === undefined;
      const isReplaced =
        hasPathHash(walk.nonDirectories, node.hash) ||
        (!isDirectory && walk.directories !== undefined && hasPathHash(walk.directories, node.hash));
      if (isReplaced) this.#remove(node);
      else this.#removeReplaced(node, walk);
    }
  }
}

function emptyNode<File>(name: string, parent: Node<File> | undefined): Node<File> {
  return { name, parent, hash: undefined, children: new Map(), link: undefined, file: undefined };
}

function pathOf<File>(node: Node<File>): string {
  return node.parent?.parent ? `${pathOf(node.parent)}/${node.name}` : node.name;
}

function* filesBelow<File>(node: Node<File>, path: string): Generator<readonly [string, File]> {
  if (node.file !== undefined) yield [path, node.file];
  for (const child of node.children.values())
    yield* filesBelow(child, path === '' ? child.name : `${path}/${child.name}`);
}

function* symlinksBelow<File>(node: Node<File>, path: string): Generator<string> {
  if (node.link !== undefined && path !== '') yield path;
  for (const child of node.children.values())
    yield* symlinksBelow(child, path === '' ? child.name : `${path}/${child.name}`);
}
