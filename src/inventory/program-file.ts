import type { LayerFile, LayerFileHead } from '../model/layer.ts';
import { type Executable, kindOfExecutable, readExecutable } from '../platform/executables/executable.ts';

/** Libraries of CUDA have as much; no program of Go or Rust comes near it. */
const MAX_PROGRAM_BYTES = 1024 ** 3;

const EXECUTE_BITS = 0o111;

/**
 * Whether a file is a program or shared library, by its mode and first bytes. Hard links to one are not: the file itself is.
 * Windows knows no mode; there only `.exe` is one. Made for `wants`: it first asks what costs least.
 */
export function isProgram(file: LayerFileHead): boolean {
  const isWindows = file.path.endsWith('.exe');
  if (!isWindows && (file.mode & EXECUTE_BITS) === 0) return false;
  const kind = kindOfExecutable(file.head);
  return kind !== undefined && (kind === 'pe') === isWindows && file.sizeBytes <= MAX_PROGRAM_BYTES;
}

const outlines = new WeakMap<LayerFile, Promise<Executable | undefined>>();

/** The outline of a program, read once for all listers that ask for it. */
export function executableOf(file: LayerFile): Promise<Executable | undefined> {
  const known = outlines.get(file);
  if (known !== undefined) return known;
  const outline = readExecutable(file);
  outlines.set(file, outline);
  return outline;
}
