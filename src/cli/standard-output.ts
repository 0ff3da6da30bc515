import type { Writable } from 'node:stream';
import { ScannerError } from '../model/errors.ts';
import { reasonOf } from '../platform/system-errors.ts';

/**
 * Keeps a failed write from ending the process, wherever a command writes.
 *
 * @returns what to call at the end: all is written, or throws ScannerError `report.unwritable`. Who reads our output may have seen
 *   enough (`| head`): that is no error.
 */
export function watchOutput(stream: Writable): () => Promise<void> {
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error) => {
    failure ??= error;
  });
  return async () => {
    await flush(stream);
    if (failure === undefined || failure.code === 'EPIPE') return;
    const message = `cannot write standard output: ${reasonOf(failure)}`;
    throw new ScannerError('report.unwritable', message, {}, { cause: failure });
  };
}

/** Waits until all that was written has gone out, or has failed to. */
export function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    // An error is emitted behind the call of this function: a turn later it is known.
    stream.write('', () => setImmediate(resolve));
  });
}
