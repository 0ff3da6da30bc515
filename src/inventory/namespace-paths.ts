import { detectors } from './detectors/registry.ts';

const WANTED = new Set(detectors.flatMap(({ wants }) => wants));

/** Exact paths of the files that detectors read, sorted. */
export const NAMESPACE_FILES: readonly string[] = [...WANTED].filter((path) => !path.endsWith('/')).sort();

/** Directories of which detectors read all files, without the `/` at the end, sorted. */
export const NAMESPACE_DIRECTORIES: readonly string[] = [...WANTED]
  .filter((path) => path.endsWith('/'))
  .map((path) => path.slice(0, -1))
  .sort();

/**
 * What the paths above are often symlinks to: `etc/os-release -> ../usr/lib/os.release.d/os-release-fedora`. They are kept at
 * once, so that such a link does not cost a second reading of the layers.
 */
const OFTEN_LINKED = /^(?:etc|usr\/lib)\/(?:[a-z-]+-release|os\.release\.d\/[^/]+)$/;

/** Whether the text of a file is kept for the detectors. */
export function isNamespacePath(path: string): boolean {
  if (WANTED.has(path) || OFTEN_LINKED.test(path)) return true;
  return NAMESPACE_DIRECTORIES.includes(path.slice(0, path.lastIndexOf('/')));
}
