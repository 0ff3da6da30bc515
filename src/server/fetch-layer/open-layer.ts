import type { OpenLayerFile } from '../dependencies.ts';
import type { OpenLayer } from '../routes/v1/v1-route.ts';
import type { LayerDownloader } from './download-layer.ts';
import type { LayerSlots } from './layer-slots.ts';
import { openLocalLayer } from './open-local-layer.ts';

export interface OpenLayerOptions {
  readonly downloader: LayerDownloader;
  /** `worker.localpaths`. */
  readonly localPaths: readonly string[];
  readonly slots: LayerSlots;
}

/** Opens what a posted layer names: a URL of http or https, else a file of this machine. It counts as analysed until it is disposed of. */
export function createOpenLayer({ downloader, localPaths, slots }: OpenLayerOptions): OpenLayer {
  return async ({ path, headers }, signal) => {
    const slot = slots.admit();
    let file: OpenLayerFile | undefined;
    try {
      file = await (/^https?:\/\//i.test(path)
        ? downloader.download(path, headers, signal)
        : openLocalLayer(path, localPaths));
      await slot.analyse(signal);
    } catch (error) {
      await file?.[Symbol.asyncDispose]();
      slot[Symbol.dispose]();
      throw error;
    }
    const { fd, path: openPath, sizeBytes } = file;
    return {
      ...{ fd, path: openPath, sizeBytes },
      async [Symbol.asyncDispose]() {
        await file[Symbol.asyncDispose]();
        slot[Symbol.dispose]();
      },
    };
  };
}
