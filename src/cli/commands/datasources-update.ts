import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { checkMirror } from '../../feeds/mirror-directory.ts';
import type { Updater } from '../../feeds/updater.ts';
import { findUpdater, updaters } from '../../feeds/updaters/registry.ts';
import { ScannerError } from '../../model/errors.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import { neededSources } from '../../scan/needed-sources.ts';
import { takeInventory } from '../../scan/take-inventory.ts';
import { type UpdateResult, updateDatasources } from '../../scan/update.ts';
import { UpdatePool } from '../../scan/update-pool.ts';
import type { Command, Invocation } from '../command.ts';
import { readSettings, type Settings } from '../settings.ts';
import { createUpdateDisplay } from '../update-display.ts';

/** `cvescan datasources-update`: reads the feeds, and makes a new snapshot of the advisory database where something changed. */
export const datasourcesUpdateCommand: Command = {
  name: 'datasources-update',
  summary: 'Read the feeds and bring the advisory database up to date.',
  usage: 'cvescan datasources-update [OPTIONS] [SOURCE…]',
  description: [
    'Without SOURCE all enabled sources are read; --list names them. Each stands for itself: one that fails keeps what it had, the',
    'others are taken, and the exit code is 1.',
    '',
    'Examples:',
    '  cvescan datasources-update',
    '  cvescan datasources-update --only-needed image.tar',
    '  cvescan datasources-update --mirror /srv/feeds debian nvd epss cisa_kev',
  ].join('\n'),
  options: {
    list: { type: 'boolean', help: 'list the sources, read none' },
    'only-needed': { type: 'string', value: 'TARGET', help: 'only sources that a scan of this target asks' },
    mirror: { type: 'string', value: 'DIR|URL', help: 'read every feed from here instead of its publisher' },
    'accept-shrink': { type: 'boolean', help: 'take feeds that lost more than a tenth of their records' },
  },

  async run(invocation) {
    const { options, stdout } = invocation;
    if (options.list) {
      stdout.write(updaters.map(listLine).join(''));
      return 0;
    }
    const settings = await readSettings(invocation);
    const mirror = typeof options.mirror === 'string' ? options.mirror : settings.datasources.mirror;
    if (mirror !== undefined) await checkMirror(mirror);
    const chosen = await chooseUpdaters(invocation, settings);
    const result = await update(invocation, { settings, mirror, chosen });
    if (!options.quiet && result.snapshotId) stdout.write(`snapshot ${result.snapshotId}\n`);
    return result.outcomes.some(({ state }) => state === 'failed') ? 1 : 0;
  },
};

function listLine({ name, aliases = [], title, optional }: Updater): string {
  const notes = [...aliases.map((alias) => `also ${alias}`), ...(optional ? ['off by default'] : [])];
  return `${name.padEnd(9)} ${title}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}\n`;
}

async function chooseUpdaters(
  { options, positionals, stdin, signal }: Invocation,
  settings: Settings,
): Promise<readonly Updater[]> {
  const target = options['only-needed'];
  if (positionals.length > 0) {
    if (target !== undefined)
      throw new ScannerError('usage.invalid', 'give sources, or --only-needed TARGET, not both');
    return [...new Set(positionals.map(getUpdater))];
  }
  const enabled = updaters.filter(({ name, optional }) => {
    const stated = settings.datasources.sources[name]?.enabled;
    return stated === undefined ? !optional : stated === 'true';
  });
  if (typeof target !== 'string') return enabled;
  const { cacheDirectory, limits } = settings;
  return neededSources(await takeInventory(target, { cacheDirectory, limits, stdin, signal }), enabled);
}

function getUpdater(name: string): Updater {
  const updater = findUpdater(name);
  if (updater) return updater;
  const names = updaters.flatMap((known) => [known.name, ...(known.aliases ?? [])]);
  const hint = didYouMean(name, names) || '; see cvescan datasources-update --list';
  throw new ScannerError('feed.unknown', `there is no source ${name}${hint}`, { name });
}

interface Choice {
  readonly settings: Settings;
  readonly mirror: string | undefined;
  readonly chosen: readonly Updater[];
}

async function update(invocation: Invocation, { settings, mirror, chosen }: Choice): Promise<UpdateResult> {
  const { options, positionals, env, now, signal } = invocation;
  const directory = settings.databaseDirectory;
  const access = {
    mirror,
    temporaryDirectory: env.TMPDIR || tmpdir(),
    gitDirectory: join(settings.cacheDirectory, 'git'),
    version: packageJson.version,
    env,
  };
  const display = createUpdateDisplay(invocation);
  await using pool = new UpdatePool({ directory, access }, signal);
  try {
    return await updateDatasources({
      directory,
      updaters: chosen,
      covers: (source, namespace) => findUpdater(source)?.covers(namespace),
      named: new Set(positionals.length > 0 ? chosen.map(({ name }) => name) : []),
      acceptShrink: options['accept-shrink'] === true,
      concurrency: availableParallelism(),
      collect: pool.collect,
      settings: settings.datasources.sources,
      now,
      signal,
      onEvent: (event) => display.show(event),
    });
  } finally {
    display.end();
  }
}
