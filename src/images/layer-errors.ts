import { type ErrorCode, ScannerError } from '../model/errors.ts';
import type { LayerSource } from '../model/layer.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';

/** What an archive's error is called when the archive is a layer. */
const LAYER_CODES: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  'archive.damaged': 'image.damaged',
  'archive.limit-exceeded': 'image.limit-exceeded',
  'image.digest-mismatch': 'image.digest-mismatch',
};

/** An error of reading a layer, with the layer's name in front; anything that is not one goes on as it is. */
export function namingLayer(error: unknown, source: LayerSource): unknown {
  const layer = source.digest || (source.content.kind === 'directory' ? source.content.path : source.content.file);
  const name = source.content.kind === 'directory' ? layer : `layer ${source.index} (${layer})`;
  if (error instanceof ScannerError) {
    const code = LAYER_CODES[error.code];
    if (code === undefined) return error;
    return new ScannerError(code, `${name}: ${error.message}`, { ...error.details, layer }, { cause: error });
  }
  // A failed system call: the file is gone, may not be read, or the disk fails.
  if (!isSystemError(error)) return error;
  return new ScannerError('image.damaged', `${name} cannot be read: ${reasonOf(error)}`, { layer }, { cause: error });
}
