import { join } from 'node:path';
import { openLayerCache } from '../../scan/open-layer-cache.ts';
import { OsvCache } from '../../scan/osv-cache.ts';
import type { Command } from '../command.ts';
import { readSettings } from '../settings.ts';

/** `cvescan cache clear`: empties the layer cache, and forgets what OSV answered. */
export const cacheClearCommand: Command = {
  name: 'cache clear',
  summary: 'Empty the layer cache, and forget what OSV answered.',
  usage: 'cvescan cache clear',
  description: 'Nothing but time is lost: layers are read again when they come, and OSV is asked again.',
  options: {},

  async run(invocation) {
    const { options, stdout, now } = invocation;
    const { cacheDirectory } = await readSettings(invocation);
    new OsvCache(join(cacheDirectory, 'osv')).clear();
    const { directory, entryCount } = openLayerCache(cacheDirectory, now).clear();
    if (!options.quiet) stdout.write(`${directory}: removed ${entryCount} ${entryCount === 1 ? 'layer' : 'layers'}\n`);
    return 0;
  },
};
