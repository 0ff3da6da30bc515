import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statfsSync,
} from 'node:fs';
import type { LayerFileHead } from '../model/layer.ts';
import { limitExceeded } from '../platform/archives/limits.ts';
import { LayerChanges } from './layer-changes.ts';
import { rangeFile } from './layer-files.ts';
import type { LayerWalk, WalkOptions } from './layer-walk.ts';
import type { ImageLimits } from './limits.ts';
import { joinPath } from './resolve-path.ts';

type Options = WalkOptions & { readonly limits: ImageLimits };

/** How many first bytes of a file `wants` sees. */
const HEAD_BYTES = 64;

/** Directories of a root file system whose content the kernel makes up. */
const KERNEL_DIRECTORIES = new Set(['proc', 'sys', 'dev']);

/** The same, mounted elsewhere, by the type that statfs(2) tells: proc, sysfs, cgroup, cgroup2, devpts, debugfs, tracefs … */
const KERNEL_FILE_SYSTEMS = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x1cd1, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x6165676c,
  0x62656570, 0x65735543, 0x958458f6, 0x42494e4d, 0xde5e81e4, 0x6e736673, 0x67596969, 0x187, 0xf97cff8c, 0x19800202,
]);

/** Never through a symlink, and never waiting for the other end of a pipe. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Walks a root file system on disk as if it were one layer. Symlinks are listed, never followed, so nothing outside of the root is
 * read; what may not be read is a problem. What the kernel makes up (/proc and the like, wherever mounted) is left out.
 * @throws ScannerError `archive.limit-exceeded`.
 */
export async function walkDirectory(root: string, options: Options): Promise<LayerWalk> {
  const walk = new DirectoryWalk(root, options);
  await walk.run();
  await options.onEnd?.();
  return { ...walk.changes.finish(), verification: 'not_verified', fileCount: walk.fileCount, uncompressedBytes: 0 };
}

interface Directory {
  readonly path: string;
  /** Number of the device that it lies on. */
  readonly device: number;
}

class DirectoryWalk {
  readonly changes: LayerChanges;
  fileCount = 0;
  readonly #root: string;
  readonly #options: Options;
  readonly #pending: Directory[] = [];

  constructor(root: string, options: Options) {
    this.#root = root;
    this.#options = options;
    this.changes = new LayerChanges('', options.limits);
  }

  async run(): Promise<void> {
    this.#pending.push({ path: '', device: lstatSync(this.#root).dev });
    for (let directory = this.#pending.pop(); directory !== undefined; directory = this.#pending.pop()) {
      await this.#readDirectory(directory);
    }
  }

  async #readDirectory({ path: directory, device }: Directory): Promise<void> {
    const { maxFilesPerLayer } = this.#options.limits;
    const entries = this.#try(directory, () => readdirSync(this.#onDisk(directory), { withFileTypes: true })) ?? [];
    for (const entry of entries) {
      if (++this.fileCount > maxFilesPerLayer) throw limitExceeded('maxFilesPerLayer', maxFilesPerLayer, 'files');
      const path = joinPath(directory, entry.name);
      if (entry.isDirectory()) this.#takeDirectory(path, device);
      else if (entry.isSymbolicLink()) {
        const target = this.#try(path, () => readlinkSync(this.#onDisk(path)));
        if (target !== undefined) this.changes.addSymlink(path, target);
      } else {
        this.changes.addNonDirectory(path);
        if (entry.isFile()) await this.#takeFile(path);
        else this.#reportSpecial(path);
      }
    }
  }

  #takeDirectory(path: string, parentDevice: number): void {
    this.changes.addDirectory(path);
    if (KERNEL_DIRECTORIES.has(path)) return;
    const onDisk = this.#onDisk(path);
    const device = this.#try(path, () => lstatSync(onDisk).dev);
    if (device === undefined) return;
    if (device !== parentDevice && KERNEL_FILE_SYSTEMS.has(this.#try(path, () => statfsSync(onDisk).type) ?? 0)) return;
    this.#pending.push({ path, device });
  }

  async #takeFile(path: string): Promise<void> {
    const { wants, onFile, limits } = this.#options;
    const head = new DirectoryFileHead(this.#onDisk(path), path);
    if (!wants(head)) return;
    const fd = this.#try(path, () => openSync(this.#onDisk(path), OPEN_FLAGS));
    if (fd === undefined) return;
    try {
      const { size: sizeBytes, mode } = fstatSync(fd);
      if (sizeBytes > limits.maxWantedFileBytes) {
        throw limitExceeded('maxWantedFileBytes', limits.maxWantedFileBytes, `file ${path}`);
      }
      this.changes.keepFile(path);
      await onFile(rangeFile({ path, mode: mode & 0o7777, sizeBytes, head: readHead(fd) }, fd, 0));
    } finally {
      closeSync(fd);
    }
  }

  /** A pipe, socket or device where a file is wanted; it is not opened, as that may act on it. */
  #reportSpecial(path: string): void {
    const isWanted = this.#options.wants({ path, mode: 0, sizeBytes: 0, head: Buffer.alloc(0) });
    if (isWanted) this.changes.specialFile(path);
  }

  #onDisk(path: string): string {
    return this.#root === '/' ? `/${path}` : `${this.#root}/${path}`;
  }

  /** What may not be read is a problem; what went away since its directory was read never was there. */
  #try<T>(path: string, attempt: () => T): T | undefined {
    try {
      return attempt();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code !== 'string') throw error;
      if (code !== 'ENOENT') this.changes.problem('layer.unreadable', `cannot be read: ${code}`, path);
      return undefined;
    }
  }
}

/** Asks the disk only for what a plugin looks at: most paths are turned down by their name. */
class DirectoryFileHead implements LayerFileHead {
  readonly path: string;
  readonly #onDisk: string;
  #stat: { readonly mode: number; readonly size: number } | undefined;

  constructor(onDisk: string, path: string) {
    this.#onDisk = onDisk;
    this.path = path;
  }

  get mode(): number {
    return this.#status().mode & 0o7777;
  }

  get sizeBytes(): number {
    return this.#status().size;
  }

  /** Empty where the file may not be read. */
  get head(): Uint8Array {
    try {
      const fd = openSync(this.#onDisk, OPEN_FLAGS);
      try {
        return readHead(fd);
      } finally {
        closeSync(fd);
      }
    } catch {
      return new Uint8Array();
    }
  }

  #status(): { readonly mode: number; readonly size: number } {
    this.#stat ??= lstatSync(this.#onDisk, { throwIfNoEntry: false }) ?? { mode: 0, size: 0 };
    return this.#stat;
  }
}

function readHead(fd: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  return head.subarray(0, readSync(fd, head, 0, HEAD_BYTES, 0));
}
