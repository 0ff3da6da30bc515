import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LayerOffer, OfferedLayer } from './offer-layers.ts';

/**
 * Writes layers to files of their own, for a server of this machine that reads them by path: below `TMPDIR`, readable by this user,
 * gone when disposed of or when the process exits.
 */
export async function writeLayerFiles(layers: readonly OfferedLayer[], signal: AbortSignal): Promise<LayerOffer> {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-layers-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  const dispose = (): void => {
    process.off('exit', remove);
    remove();
  };
  const pathOf = (name: string): string => join(directory, `${name}.tar`);
  try {
    for (const { name, file, offset, sizeBytes } of layers) {
      const body = sizeBytes === 0 ? [] : createReadStream(file, { start: offset, end: offset + sizeBytes - 1 });
      await pipeline(body, createWriteStream(pathOf(name), { mode: 0o600 }), { signal });
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { urlOf: pathOf, [Symbol.asyncDispose]: async () => dispose() };
}
