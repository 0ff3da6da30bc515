import { closeSync, constants, existsSync, fstatSync, openSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * Whether a URL lies below a prefix: the same origin, and the prefix's path as whole segments. Both are compared as the URL standard
 * reads them, so that `..` and letters' case hide nothing.
 */
export function isBelowUrl(url: URL, prefix: string): boolean {
  const base = URL.parse(prefix);
  if (!base || url.username !== '' || url.password !== '') return false;
  const path = base.pathname.replace(/\/+$/, '');
  return url.origin === base.origin && (url.pathname === path || url.pathname.startsWith(`${path}/`));
}

/** A regular file that is open for reading; closed with `using`. */
export interface OpenedFile extends Disposable {
  readonly fd: number;
  /** A path that leads to the opened file whatever becomes of its name, where the system has one (Linux); else its real path. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Opens a regular file if it really lies below one of the directories. A symlink as the last part, a pipe, a device, what is missing,
 * forbidden or elsewhere: undefined for all of them, so that nobody learns which.
 */
export function openBelow(path: string, directories: readonly string[]): OpenedFile | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const status = fstatSync(fd);
  const real = status.isFile() ? realPathOf(path, status) : undefined;
  if (real === undefined || !directories.some((directory) => liesBelow(real, directory))) {
    closeSync(fd);
    return undefined;
  }
  const own = `/proc/self/fd/${fd}`;
  const opened = { fd, path: existsSync(own) ? own : real, sizeBytes: status.size };
  return { ...opened, [Symbol.dispose]: () => closeSync(fd) };
}

/** The real path of the file that is open, not of what its name leads to by now. */
function realPathOf(path: string, { dev, ino }: { readonly dev: number; readonly ino: number }): string | undefined {
  try {
    const real = realpathSync(path);
    const named = statSync(real);
    return named.dev === dev && named.ino === ino ? real : undefined;
  } catch {
    return undefined;
  }
}

function liesBelow(real: string, directory: string): boolean {
  try {
    return real.startsWith(`${realpathSync(directory).replace(/\/+$/, '')}${sep}`);
  } catch {
    return false;
  }
}
