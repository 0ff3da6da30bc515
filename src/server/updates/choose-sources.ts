import { updaters } from '../../feeds/updaters/registry.ts';

/** What tells of flaws themselves, whatever distributions are chosen. */
const ALWAYS: readonly string[] = ['nvd', 'epss', 'cisa_kev'];

/**
 * The sources that the server reads.
 *
 * @param chosen names of updaters (`updater.enabledupdaters`); all when empty, but for those that are off by default.
 * @param settings by source: `enabled` has the last word.
 */
export function chooseSources(
  chosen: readonly string[],
  settings: Readonly<Record<string, Readonly<Record<string, string>>>>,
): readonly string[] {
  return updaters
    .filter(({ name, optional = false }) => {
      const stated = settings[name]?.enabled;
      if (stated !== undefined) return stated === 'true';
      return chosen.length === 0 ? !optional : chosen.includes(name) || ALWAYS.includes(name);
    })
    .map(({ name }) => name);
}
