import { dirname, resolve } from 'node:path';
import { ScannerError } from '../../model/errors.ts';
import { loadOwnPlugins, type OwnPlugins, type PluginFamily } from '../../platform/own-plugins.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';

/** A promise of a family's contract. */
interface Check {
  readonly name: string;
  check(): Promise<void>;
}

/** The suite of one plugin. @param directory of the module: paths of fixtures are relative to it. */
type Suite = (plugin: never, fixture: never, directory: string) => Promise<readonly Check[]>;

/** The suites that our own plugins pass too. */
const SUITES: Readonly<Record<PluginFamily, Suite>> = {
  listers: async (plugin, fixture: { readonly files: Readonly<Record<string, string>>; readonly expected: [] }) => {
    const { listerContract } = await import('../../inventory/lister.contract.ts');
    const files = new Map(Object.entries(fixture.files).map(([path, text]) => [path, Buffer.from(text)]));
    return listerContract(plugin, { files, expected: fixture.expected });
  },
  detectors: async (plugin, fixture) => {
    const { detectorContract } = await import('../../inventory/detector.contract.ts');
    return detectorContract(plugin, fixture);
  },
  updaters: async (plugin, fixture: string, directory) => {
    const { updaterChecks } = await import('../../feeds/updater.contract.ts');
    return updaterChecks(plugin, resolve(directory, fixture));
  },
};

/** `cvescan plugin test`: holds plugins of one's own against the contracts of their families. */
export const pluginTestCommand: Command = {
  name: 'plugin test',
  summary: 'Hold a module of plugins of your own against the contracts of their families.',
  usage: 'cvescan plugin test FILE',
  description:
    'Exit code 1: a promise is broken; which, and how, is said. docs/how-to/write-your-own-plugin.md shows a module.',
  options: {},

  async run(invocation) {
    const [word] = wordsOf(invocation, ['FILE']);
    const file = resolve(word);
    const own = await loadOwnPlugins(file);
    let brokenCount = 0;
    for (const [title, checks] of await suitesOf(own, file)) {
      invocation.stdout.write(`${title}\n`);
      for (const { name, check } of checks) {
        const broken = await check().then(
          () => undefined,
          (error: unknown) => reasonOf(error),
        );
        if (broken !== undefined) brokenCount++;
        invocation.stdout.write(broken === undefined ? `  ok      ${name}\n` : `  broken  ${name}: ${broken}\n`);
      }
    }
    return brokenCount === 0 ? 0 : 1;
  },
};

async function suitesOf(own: OwnPlugins, file: string): Promise<readonly [title: string, checks: readonly Check[]][]> {
  const suites: [string, readonly Check[]][] = [];
  for (const family of Object.keys(SUITES) as PluginFamily[]) {
    for (const plugin of own[family]) {
      const fixture = own.fixtures[family]?.[plugin.name];
      if (fixture === undefined) {
        const message = `${file}: fixtures.${family} holds nothing for ${plugin.name}: there is nothing to test it with`;
        throw new ScannerError('plugin.invalid', message, { file });
      }
      const checks = await SUITES[family](plugin as never, fixture as never, dirname(file));
      suites.push([`${family} ${plugin.name}`, checks]);
    }
  }
  return suites;
}
