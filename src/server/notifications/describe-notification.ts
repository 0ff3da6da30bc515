import type { Change, FixChange } from './changes.ts';
import type { StoredNotification } from './stored-notification.ts';

/** One line for people: `CVE-2024-1 in debian:12: severity Low -> High; fix available: openssl 3.0.1`. */
export function describeNotification({ namespace, vulnerability, changes }: StoredNotification): string {
  const what = changes.map(describeChange).join('; ');
  return namespace === '' ? what : `${vulnerability} in ${namespace}: ${what}`;
}

/** Where to read on; undefined where nothing is known. */
export function linkOf({ old, new: now }: StoredNotification): string | undefined {
  return now?.Link ?? old?.Link;
}

/** One line for all of them. */
export function describeAll(notifications: readonly StoredNotification[]): string {
  const [first, ...others] = notifications;
  if (first === undefined) return '';
  return others.length === 0 ? describeNotification(first) : `${notifications.length} vulnerabilities changed`;
}

const WORDS = {
  new: 'new',
  withdrawn: 'withdrawn',
  kev_listed: "in CISA's list of exploited vulnerabilities",
  kev_removed: "no longer in CISA's list of exploited vulnerabilities",
  cvss: 'CVSS changed',
  description: 'description changed',
  link: 'link changed',
  metadata: 'metadata changed',
} as const;

function describeChange(change: Change): string {
  switch (change.kind) {
    case 'severity':
      return `severity ${change.old} -> ${change.new}`;
    case 'fix_available':
      return `fix available: ${change.packages.map(({ name, new: fix }) => `${name} ${fix}`).join(', ')}`;
    case 'fixed_in':
      return `fixes changed: ${change.packages.map(describeFix).join(', ')}`;
    case 'summary':
      return `one update changed ${change.count} vulnerabilities of stored layers: more than is told one by one`;
    default:
      return WORDS[change.kind];
  }
}

const describeFix = ({ name, old = 'not affected', new: now = 'not affected' }: FixChange): string =>
  `${name} (${old} -> ${now})`;
