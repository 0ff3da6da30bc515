import { rollingSecDb } from '../rolling-secdb.ts';
import type { Updater } from '../updater.ts';

/**
 * Chainguard's security database, in the form of Wolfi's.
 *
 * Its licence does not let the data be handed on: it is read from Chainguard by who uses it, and the fixtures are invented.
 * Source: https://edu.chainguard.dev/chainguard/chainguard-images/security-advisories/
 */
export const chainguardUpdater: Updater = {
  ...rollingSecDb('https://packages.cgr.dev/chainguard/security.json', 'chainguard'),
  title: 'Chainguard security database',
  homepage: 'https://images.chainguard.dev/security',
  licence: 'CC-BY-NC-ND-4.0; commercial scanners under a licence of Chainguard; never bundled',
  version: 1,
};
