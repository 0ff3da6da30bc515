import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Name of the folder of lazily loaded chunks in the bundle. */
const CHUNKS = 'chunks';

/**
 * The file of a worker thread: beside its caller as TypeScript, or in the bundle's folder, where each worker is a file of its own.
 *
 * @param name file name without ending, e.g. `update-worker`.
 * @param caller `import.meta.url` of a file in the worker's folder.
 */
export function workerEntry(name: string, caller: string): URL {
  const file = fileURLToPath(caller);
  if (file.endsWith('.ts')) return new URL(`./${name}.ts`, caller);
  const folder = dirname(file);
  return pathToFileURL(join(basename(folder) === CHUNKS ? dirname(folder) : folder, `${name}.js`));
}
