import { existsSync } from 'node:fs';
import { ScannerError } from '../../model/errors.ts';
import type { LayerSource } from '../../model/layer.ts';
import type { OpenLayerFile } from '../dependencies.ts';

/** Where in the archive the file system lies, by Clair's name of the format. */
const ROOTS: Readonly<Record<string, string | undefined>> = { docker: undefined, aci: 'rootfs' };

/**
 * What is read of an opened file in one of Clair's formats.
 *
 * @param format in any case. @returns undefined for a file of no bytes.
 * @throws ScannerError `layer.unknown-format`.
 */
export function layerSourceOf({ fd, path, sizeBytes }: OpenLayerFile, format: string): LayerSource | undefined {
  const known = format.toLowerCase();
  if (!Object.hasOwn(ROOTS, known))
    throw new ScannerError('layer.unknown-format', `unsupported image format '${format}'`);
  if (sizeBytes === 0) return undefined;
  // The file that was opened and checked, not what lies at its path by now. Threads share it.
  const opened = `/proc/self/fd/${fd}`;
  const rootDirectory = ROOTS[known];
  return {
    index: 0,
    digest: '',
    ...(rootDirectory !== undefined && { rootDirectory }),
    content: { kind: 'tar', file: existsSync(opened) ? opened : path, offset: 0, sizeBytes, isTemporary: true },
  };
}
