import { openLayerCache } from '../../scan/open-layer-cache.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan cache clear`: empties the layer cache. */
export const cacheClearCommand: Command = {
  name: 'cache clear',
  summary: 'Empty the layer cache.',
  usage: 'cvescan cache clear',
  description: 'Nothing but time is lost: layers are read again when they come.',
  options: {},

  async run(invocation) {
    const { options, stdout, now } = invocation;
    const { cacheDirectory } = await readSettings(invocation);
    const { directory, entryCount } = openLayerCache(cacheDirectory, now).clear();
    if (!options.quiet) stdout.write(`${directory}: removed ${entryCount} ${entryCount === 1 ? 'layer' : 'layers'}\n`);
    return 0;
  },
};
