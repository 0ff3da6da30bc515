import type { StatementKind } from '../model/vulnerability-statement.ts';

/** Details of `Patched` that speak of versions, not of patches. Source: conf/cve-check-map.conf of OE-core. */
const BY_VERSION: ReadonlySet<string> = new Set(['version-not-in-range', 'fixed-version', 'patched-by-version']);

/**
 * What a status of Yocto's cve-check says.
 *
 * @param status `Patched`, `Unpatched`, `Ignored`, `Unknown`; old releases also `Whitelisted`.
 * @param detail the word of `CVE_STATUS`, where there is one.
 * @returns undefined for another word.
 */
export function kindOfCveStatus(status: string, detail: string | undefined): StatementKind | undefined {
  switch (status) {
    case 'Patched':
      return detail !== undefined && BY_VERSION.has(detail) ? 'not_in_range' : 'patched';
    case 'Unpatched':
      return detail === 'vulnerable-investigating' ? 'under_investigation' : 'affected';
    case 'Ignored':
    case 'Whitelisted':
      return 'ignored';
    case 'Unknown':
      return 'under_investigation';
    default:
      return undefined;
  }
}
