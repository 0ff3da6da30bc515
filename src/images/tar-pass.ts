import type { LayerFileHead } from '../model/layer.ts';
import type { ByteInput } from '../platform/archives/byte-input.ts';
import { limitExceeded } from '../platform/archives/limits.ts';
import { readTar, type TarEntry } from '../platform/archives/tar-reader.ts';
import { LayerChanges } from './layer-changes.ts';
import { memoryFile, rangeFile, SpooledBytes } from './layer-files.ts';
import type { WalkOptions } from './layer-walk.ts';
import type { ImageLimits } from './limits.ts';
import { containPath } from './resolve-path.ts';

/** How many first bytes of a file `wants` sees. */
const HEAD_BYTES = 64;

/** A tar to go through, from its beginning. */
export interface TarSource {
  readonly input: ByteInput;
  /** The open file and where the tar begins in it, when it is uncompressed: wanted files are then read where they lie. */
  readonly range?: { readonly fd: number; readonly offset: number };
}

type PassOptions = Pick<WalkOptions, 'wants' | 'onFile'> & {
  readonly limits: ImageLimits;
  /** Where in the tar the file system lies; see `LayerSource`. */
  readonly rootDirectory?: string | undefined;
};

/** What one pass over a layer's tar came to. */
export interface TarPassResult {
  readonly changes: LayerChanges;
  readonly fileCount: number;
  /** Wanted hard links by the path whose bytes are theirs: a second pass hands them on. */
  readonly linksByTarget: ReadonlyMap<string, readonly string[]>;
}

/**
 * Goes through a layer's tar once: hands wanted files on, notes everything else that the layer does.
 * @param layer digest, for problems.
 * @throws ScannerError `archive.damaged`, `archive.limit-exceeded`.
 */
export async function passOverTar(source: TarSource, layer: string, options: PassOptions): Promise<TarPassResult> {
  const { maxFilesPerLayer } = options.limits;
  const pass = new TarPass(source, layer, options);
  let fileCount = 0;
  for await (const entry of readTar(source.input, options.limits)) {
    if (++fileCount > maxFilesPerLayer) throw limitExceeded('maxFilesPerLayer', maxFilesPerLayer, 'entries of a layer');
    const path = belowRoot(entry.path, options.rootDirectory);
    if (path === undefined) continue;
    const placement = pass.changes.place(path);
    if (placement.kind === 'path') await pass.take(placement.path, entry);
  }
  return { changes: pass.changes, fileCount, linksByTarget: pass.settleLinks() };
}

/** A path as the file system has it; undefined for what lies beside it. */
function belowRoot(path: string, rootDirectory: string | undefined): string | undefined {
  if (rootDirectory === undefined) return path;
  const inside = path.replace(/^(?:\.?\/)+/, '');
  if (inside === rootDirectory) return '';
  return inside.startsWith(`${rootDirectory}/`) ? inside.slice(rootDirectory.length + 1) : undefined;
}

class TarPass {
  readonly changes: LayerChanges;
  readonly #source: TarSource;
  readonly #options: PassOptions;
  /** For files that are wanted from a stream; of the size of the largest that may lie in memory, most of which is never touched. */
  #memory: Buffer | undefined;
  /** All hard links, and whether the plugins want them. */
  readonly #links = new Map<string, { readonly target: string; readonly isWanted: boolean }>();

  constructor(source: TarSource, layer: string, options: PassOptions) {
    this.#source = source;
    this.#options = options;
    this.changes = new LayerChanges(layer, options.limits);
  }

  async take(path: string, entry: TarEntry): Promise<void> {
    const { changes } = this;
    if (this.#links.size > 0) this.#links.delete(path);
    if (entry.type === 'directory') changes.addDirectory(path);
    else if (path === '') changes.problem('layer.bad-path', 'only a directory can be the root; left out', entry.path);
    else if (entry.type === 'other')
      changes.problem('layer.unknown-entry', 'an entry of an unknown type; left out', path);
    else if (entry.type === 'symlink') changes.addSymlink(path, entry.linkPath);
    else {
      changes.addNonDirectory(path);
      if (entry.type === 'file') await this.#takeFile(path, entry);
      else if (entry.type === 'hardlink') this.#takeLink(path, entry);
      else if (this.#options.wants({ path, mode: entry.mode, sizeBytes: 0, head: Buffer.alloc(0) }))
        changes.specialFile(path);
    }
  }

  /**
   * Once all entries are in: a hard link to a symlink is that symlink; one to a file of this layer has that file's bytes; one to
   * anything else means a file of a lower layer, and is kept as a symlink to it.
   */
  settleLinks(): ReadonlyMap<string, readonly string[]> {
    const linksByTarget = new Map<string, string[]>();
    const isHere = this.changes.hasNonDirectory();
    for (const [path, { isWanted }] of this.#links) {
      const target = this.#endOfLinks(path);
      const symlink = target === undefined ? undefined : this.changes.symlinkAt(target);
      if (target === undefined)
        this.changes.problem('layer.link-loop', 'a hard link that leads to itself; left out', path);
      else if (symlink !== undefined) this.changes.addSymlink(path, symlink);
      else if (!isHere(target)) this.changes.addSymlink(path, `/${target}`);
      else if (isWanted) linksByTarget.set(target, [...(linksByTarget.get(target) ?? []), path]);
    }
    return linksByTarget;
  }

  async #takeFile(path: string, entry: TarEntry): Promise<void> {
    const { wants, onFile, limits } = this.#options;
    const { mode, sizeBytes } = entry;
    const view = await entry.peek(HEAD_BYTES);
    if (!wants({ path, mode, sizeBytes, head: view })) return;
    if (entry.isSparse) {
      this.changes.problem('layer.sparse-file', 'a wanted file is stored with holes, which is not read', path);
      return;
    }
    const { maxWantedFileBytes, maxMemoryFileBytes } = limits;
    if (sizeBytes > maxWantedFileBytes) throw limitExceeded('maxWantedFileBytes', maxWantedFileBytes, `file ${path}`);
    this.changes.keepFile(path);
    const head = { path, mode, sizeBytes, head: Buffer.from(view) };
    const { range } = this.#source;
    if (range !== undefined)
      await onFile({ ...rangeFile(head, range.fd, range.offset + entry.bodyPosition), keep: () => {} });
    else if (sizeBytes <= maxMemoryFileBytes) await this.#collect(head, entry);
    else await this.#spool(head, entry);
  }

  /** Files of one after the other take the same memory: given back for each, it would lie in pieces. */
  async #collect(head: LayerFileHead, entry: TarEntry): Promise<void> {
    this.#memory ??= Buffer.allocUnsafeSlow(this.#options.limits.maxMemoryFileBytes);
    let filled = 0;
    for await (const piece of entry.body()) filled += piece.copy(this.#memory, filled);
    await this.#options.onFile(memoryFile(head, this.#memory.subarray(0, filled)));
  }

  async #spool(head: LayerFileHead, entry: TarEntry): Promise<void> {
    using spool = new SpooledBytes();
    for await (const piece of entry.body()) spool.write(piece);
    await this.#options.onFile(rangeFile(head, spool.fd, 0));
  }

  #takeLink(path: string, entry: TarEntry): void {
    const linkPath = belowRoot(entry.linkPath, this.#options.rootDirectory) ?? entry.linkPath;
    const { path: target, isEscaping } = containPath(linkPath);
    if (isEscaping)
      this.changes.problem('layer.escaping-path', `a hard link leads out of the root; taken as ${target}`, path);
    const isWanted = this.#options.wants({ path, mode: entry.mode, sizeBytes: 0, head: Buffer.alloc(0) });
    this.#links.set(path, { target: this.changes.locate(target) ?? target, isWanted });
  }

  /** Where a chain of hard links ends; undefined where it does not. */
  #endOfLinks(path: string): string | undefined {
    let target = path;
    for (let depth = 0; depth <= this.#options.limits.maxSymlinkDepth; depth++) {
      const next = this.#links.get(target);
      if (next === undefined) return target;
      target = next.target;
    }
    return undefined;
  }
}
