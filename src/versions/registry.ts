import { ScannerError } from '../model/errors.ts';
import type { VersionScheme } from './scheme.ts';
import { alpm } from './schemes/alpm.ts';
import { apk } from './schemes/apk.ts';
import { cargo } from './schemes/cargo.ts';
import { cpe } from './schemes/cpe.ts';
import { cran } from './schemes/cran.ts';
import { dpkg } from './schemes/dpkg.ts';
import { go } from './schemes/go.ts';
import { hackage } from './schemes/hackage.ts';
import { hex } from './schemes/hex.ts';
import { maven } from './schemes/maven.ts';
import { nuget } from './schemes/nuget.ts';
import { packagist } from './schemes/packagist.ts';
import { pep440 } from './schemes/pep440.ts';
import { pub } from './schemes/pub.ts';
import { rpm } from './schemes/rpm.ts';
import { rubygems } from './schemes/rubygems.ts';
import { semver } from './schemes/semver.ts';

/** All version schemes, by name. What a scheme parses is its own, so here it is `unknown`. */
export const schemes: readonly VersionScheme[] = [
  alpm,
  apk,
  cargo,
  cpe,
  cran,
  dpkg,
  go,
  hackage,
  hex,
  maven,
  nuget,
  packagist,
  pep440,
  pub,
  rpm,
  rubygems,
  semver,
];

const schemeByName = new Map(schemes.map((scheme) => [scheme.name, scheme]));

/** The scheme of that name, or undefined. */
export function findScheme(name: string): VersionScheme | undefined {
  return schemeByName.get(name);
}

/** @throws ScannerError `version.unknown-scheme`, naming the known ones. */
export function getScheme(name: string): VersionScheme {
  const scheme = schemeByName.get(name);
  if (scheme) return scheme;
  const known = [...schemeByName.keys()].join(', ');
  throw new ScannerError(
    'version.unknown-scheme',
    `no version scheme is named ${JSON.stringify(name)}; known are: ${known}`,
  );
}

/**
 * Below 0, 0 or above 0 as `a` is older, the same or newer.
 *
 * @throws ScannerError `version.malformed`, `version.unknown-scheme`.
 */
export function compareVersions(schemeName: string, a: string, b: string): number {
  const scheme = getScheme(schemeName);
  return scheme.compare(scheme.parse(a), scheme.parse(b));
}
