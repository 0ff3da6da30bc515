import { parentPort } from 'node:worker_threads';
import { listLayer } from '../inventory/list-layer.ts';
import { ScannerError } from '../model/errors.ts';
import { quietWarnings } from '../platform/quiet-warnings.ts';
import type { LayerAnswer, LayerJob } from './layer-pool.ts';

// A worker thread that lists layers: those that it is told to, one after the other.

quietWarnings();
const port = parentPort!;

port.on('message', async ({ source, options }: LayerJob) => {
  port.postMessage(await answer(source, options));
});

/** Errors lose their class on the way between threads; what a ScannerError says goes as plain data. */
async function answer(source: LayerJob['source'], options: LayerJob['options']): Promise<LayerAnswer> {
  try {
    return { kind: 'listed', listing: await listLayer(source, options) };
  } catch (error) {
    if (!(error instanceof ScannerError)) {
      return { kind: 'broken', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    return { kind: 'refused', code: error.code, message: error.message, details: error.details };
  }
}
