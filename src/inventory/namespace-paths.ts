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

/** All directories in which such files lie, by the length of their path: most paths of an image are told apart by a number. */
const DIRECTORIES = [...NAMESPACE_FILES, 'etc/x', 'usr/lib/x', 'usr/lib/os.release.d/x', 'etc/os.release.d/x']
  .map((path) => path.slice(0, path.lastIndexOf('/')))
  .concat(NAMESPACE_DIRECTORIES);
const DIRECTORY_LENGTHS = new Set(DIRECTORIES.map((path) => path.length));

/** Whether the text of a file is kept for the detectors. Asked for every path of an image. */
export function isNamespacePath(path: string): boolean {
  const directoryLength = path.lastIndexOf('/');
  if (!DIRECTORY_LENGTHS.has(directoryLength)) return false;
  const directory = path.slice(0, directoryLength);
  if (!DIRECTORIES.includes(directory)) return false;
  return WANTED.has(path) || OFTEN_LINKED.test(path) || NAMESPACE_DIRECTORIES.includes(directory);
}
