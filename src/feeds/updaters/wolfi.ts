import { rollingSecDb } from '../rolling-secdb.ts';
import type { Updater } from '../updater.ts';

/**
 * Wolfi's security database: source packages, and the versions that fixed flaws in them.
 *
 * Its licence does not let the data be handed on: it is read from Wolfi by who uses it, and the fixtures are invented.
 * Source: https://github.com/wolfi-dev/advisories
 */
export const wolfiUpdater: Updater = {
  ...rollingSecDb('https://packages.wolfi.dev/os/security.json', 'wolfi'),
  title: 'Wolfi security database',
  homepage: 'https://github.com/wolfi-dev/advisories',
  licence: 'CC-BY-NC-ND-4.0; commercial scanners under a licence of Chainguard; never bundled',
  version: 1,
};
