import type { OpenLayerFile } from '../dependencies.ts';
import type { OpenLayer } from '../routes/v1/v1-route.ts';
import type { LayerDownloader } from './download-layer.ts';
import type { LayerAdmission } from './layer-admission.ts';
import { openLocalLayer } from './open-local-layer.ts';

export interface OpenLayerOptions {
  readonly downloader: LayerDownloader;
  /** `worker.localpaths`. */
  readonly localPaths: readonly string[];
  readonly admission: LayerAdmission;
}

/** Opens what a posted layer names: a URL of http or https, else a file of this machine. It is admitted until it is disposed of. */
export function createOpenLayer({ downloader, localPaths, admission }: OpenLayerOptions): OpenLayer {
  return async ({ path, headers }, signal) => {
    const admitted = admission.admit();
    let file: OpenLayerFile;
    try {
      file = await (/^https?:\/\//i.test(path)
        ? downloader.download(path, headers, signal)
        : openLocalLayer(path, localPaths));
    } catch (error) {
      admitted[Symbol.dispose]();
      throw error;
    }
    const { fd, path: openPath, sizeBytes } = file;
    return {
      ...{ fd, path: openPath, sizeBytes },
      async [Symbol.asyncDispose]() {
        await file[Symbol.asyncDispose]();
        admitted[Symbol.dispose]();
      },
    };
  };
}
