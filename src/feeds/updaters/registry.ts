import { withOwnPlugins } from '../../platform/own-plugins.ts';
import type { Updater } from '../updater.ts';
import { alpineUpdater } from './alpine.ts';
import { amazonUpdater } from './amazon.ts';
import { archUpdater } from './arch.ts';
import { azureUpdater } from './azure.ts';
import { chainguardUpdater } from './chainguard.ts';
import { cisaKevUpdater } from './cisa-kev.ts';
import { debianUpdater } from './debian.ts';
import { epssUpdater } from './epss.ts';
import { linuxUpdater } from './linux.ts';
import { linuxCnaUpdater } from './linux-cna.ts';
import { nvdUpdater } from './nvd.ts';
import { oracleUpdater } from './oracle.ts';
import { osvUpdater } from './osv.ts';
import { photonUpdater } from './photon.ts';
import { rhelUpdater } from './rhel.ts';
import { suseUpdater } from './suse.ts';
import { uctUpdater } from './uct.ts';
import { wolfiUpdater } from './wolfi.ts';

/** Every updater, sorted by name. A new one is one file, one line here, one fixture folder: docs/how-to/add-an-updater.md. */
export const updaters: readonly Updater[] = await withOwnPlugins<Updater>('updaters', [
  alpineUpdater,
  amazonUpdater,
  archUpdater,
  azureUpdater,
  chainguardUpdater,
  cisaKevUpdater,
  debianUpdater,
  epssUpdater,
  linuxUpdater,
  linuxCnaUpdater,
  nvdUpdater,
  oracleUpdater,
  osvUpdater,
  photonUpdater,
  rhelUpdater,
  suseUpdater,
  uctUpdater,
  wolfiUpdater,
]);

/** The updater of a name or alias, e.g. `uct` or `ubuntu`. */
export function findUpdater(name: string): Updater | undefined {
  return updaters.find((updater) => updater.name === name || updater.aliases?.includes(name));
}
