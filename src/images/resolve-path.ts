import type { ImageLimits } from './limits.ts';

/** What a path looks like inside an image: no leading `/`, no `.`, no `..`, no empty segment. `` is the root. */
export interface ContainedPath {
  readonly path: string;
  /** Whether `..` would have led out of the root; it ended at the root instead. */
  readonly isEscaping: boolean;
}

/** An empty segment, `.` or `..`. */
const UNCLEAN = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** Brings a path as an archive writes it into the form above. Pure text: symlinks are not looked at. */
export function containPath(written: string): ContainedPath {
  const path = written.slice(written.startsWith('./') ? 2 : 0, written.endsWith('/') ? -1 : undefined);
  if (!UNCLEAN.test(path)) return { path, isEscaping: false };
  const segments: string[] = [];
  let isEscaping = false;
  for (const segment of path.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) isEscaping = true;
    } else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return { path: segments.join('/'), isEscaping };
}

/**
 * Follows the symlinks on the way of a path, as a process inside the image would: absolute targets begin at the root, `..` ends there.
 *
 * @param readLink the target of the symlink that lies at exactly this path, as written; undefined for anything else.
 * @returns the path at the end of it, whether anything lies there or not; undefined after more than `maxSymlinkDepth` symlinks, which
 *   is what a cycle comes to, or after more segments than a path has bytes.
 * Source: path_resolution(7).
 */
export function resolvePath(
  path: string,
  readLink: (path: string) => string | undefined,
  { maxSymlinkDepth, maxPathBytes }: Pick<ImageLimits, 'maxSymlinkDepth' | 'maxPathBytes'>,
): string | undefined {
  const pending = path.split('/').reverse();
  let resolved = '';
  let depth = 0;
  for (let steps = 0; pending.length > 0; steps++) {
    if (steps > maxPathBytes) return undefined;
    const segment = pending.pop();
    if (segment === undefined || segment === '' || segment === '.') continue;
    if (segment === '..') {
      resolved = parentOf(resolved);
      continue;
    }
    const parent = resolved;
    resolved = joinPath(parent, segment);
    const target = readLink(resolved);
    if (target === undefined) continue;
    if (++depth > maxSymlinkDepth) return undefined;
    resolved = target.startsWith('/') ? '' : parent;
    pending.push(...target.split('/').reverse());
  }
  return resolved;
}

/** `a/b` of `a/b/c`; `` of `a`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** @param directory `` is the root. */
export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
