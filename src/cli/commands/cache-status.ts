import { ScannerError } from '../../model/errors.ts';
import { openLayerCache } from '../../scan/open-layer-cache.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan cache status`: where the layer cache lies and how large it is. */
export const cacheStatusCommand: Command = {
  name: 'cache status',
  summary: 'Show where the layer cache lies, and how large it is.',
  usage: 'cvescan cache status [-o json]',
  description: [
    'What the layers of images yielded is kept by their digest, so an image that was scanned before, or shares its base with one',
    'that was, is read in no time. The cache keeps itself below its limit; what was not used for longest goes first.',
  ].join('\n'),
  options: { output: { type: 'string', short: 'o', value: 'json', help: 'as JSON' } },

  async run(invocation) {
    const { options, stdout, now } = invocation;
    if (options.output !== undefined && options.output !== 'json') {
      throw new ScannerError('report.unknown-format', `-o ${options.output}: the only format is json`);
    }
    const { cacheDirectory, limits } = await readSettings(invocation);
    const status = openLayerCache(cacheDirectory, now, limits.maxCacheBytes).status();
    const { directory, entryCount, sizeBytes, maxCacheBytes } = status;
    stdout.write(
      options.output === 'json'
        ? `${JSON.stringify({ schemaVersion: '1.0', ...status }, null, 2)}\n`
        : `${directory}: ${entryCount} ${entryCount === 1 ? 'layer' : 'layers'}, ${inMib(sizeBytes)} of ${inMib(maxCacheBytes)}\n`,
    );
    return 0;
  },
};

function inMib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
