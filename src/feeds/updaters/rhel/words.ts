import type { Severity } from '../../../model/severity.ts';
import type { FixState } from '../../../model/status.ts';

/** Red Hat's threat severity, in lower case. Source: https://access.redhat.com/security/updates/classification/ */
export const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['low', 'low'],
  ['moderate', 'medium'],
  ['important', 'high'],
  ['critical', 'critical'],
]);

/** What Red Hat does about what has no fix, in its own words. */
export const FIX_STATES: ReadonlyMap<string, FixState> = new Map([
  ['Affected', 'not_fixed'],
  ['Will not fix', 'will_not_fix'],
  ['Fix deferred', 'deferred'],
  ['Out of support scope', 'end_of_life'],
]);

/**
 * The release whose packages a product's CPE speaks of: `9` of `cpe:/a:redhat:enterprise_linux:9::appstream`, of the extended
 * streams (`cpe:/o:redhat:rhel_eus:9.2::baseos`) and of products built for it (`cpe:/a:redhat:openshift:4.16::el9`).
 *
 * @returns undefined for products of no release.
 */
export function releaseOfCpe(cpe: string): string | undefined {
  const [, , vendor, product = '', version = '', , edition = ''] = cpe.split(':');
  if (vendor !== 'redhat') return undefined;
  const builtFor = /^el(\d+)$/.exec(edition)?.[1];
  if (builtFor) return builtFor;
  return STREAMS.test(product) ? /^(\d+)(?:\.\d+)?$/.exec(version)?.[1] : undefined;
}

/** The release itself, and those of its add-ons and streams that count versions as it does. */
const STREAMS = /^enterprise_linux|^rhel_(eus|aus|tus|e4s|els|eus_long_life|mission_critical|extras)/;
