import { hash } from 'node:crypto';
import type { Severity } from '../../model/severity.ts';
import type { FixState } from '../../model/status.ts';
import type { FeedRecord } from '../record.ts';
import { readTracker, type TrackerFlaw, type TrackerRelease } from '../schemas/debian-tracker.ts';
import type { Coverage, Updater } from '../updater.ts';

const TRACKER = 'https://security-tracker.debian.org/tracker/data/json';
const DOCUMENT = 'tracker.json';

/**
 * Debian's security tracker: what each flaw means for each source package in each release. One file of 60 to 70 MB; a part is a
 * source package, so that memory stays at one of them and an update writes what changed (docs/adr/0007-a-part-per-erratum.md).
 *
 * Words: `open` is affected, `undetermined` not known yet, `resolved` fixed in `fixed_version`, where `0` says never affected.
 * Source: https://security-team.debian.org/security_tracker.html and the tracker's lib/python/web_support.py.
 */
export const debianUpdater: Updater = {
  name: 'debian',
  title: 'Debian Security Tracker',
  homepage: 'https://security-tracker.debian.org/tracker/',
  licence: 'none stated; published for anybody to use',
  version: 1,
  fullReadSeconds: 3,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch({ http, previous }) {
    const answer = await http.get(TRACKER, { ifRevision: previous.revisionOf(DOCUMENT), maxBytes: 1 << 30 });
    if (!answer) yield { kind: 'unchanged', name: DOCUMENT };
    else yield { kind: 'document', document: { name: DOCUMENT, revision: answer.revision, body: answer.body } };
  },

  async *parse({ name, body }, { problem }) {
    const unknownCodenames = new Set<string>();
    const incomplete = (message: string): void => problem({ code: 'updater.incomplete-entry', message, path: name });
    for await (const { name: packageName, flaws, text } of readTracker(body.stream(), name, problem)) {
      const records = flaws.flatMap((flaw) => [
        vulnerabilityOf(flaw),
        ...advisoriesOf(packageName, flaw, { unknownCodenames, incomplete }),
      ]);
      // The tracker states no dates.
      yield { part: packageName, revision: hash('sha256', text), records };
    }
    for (const codename of unknownCodenames) {
      const message = `Debian release ${JSON.stringify(codename)} is not known, its statements are left out`;
      problem({ code: 'updater.unknown-release', message, path: name });
    }
  },
};

function vulnerabilityOf({ id, description }: TrackerFlaw): FeedRecord {
  const references = [{ url: `https://security-tracker.debian.org/tracker/${id}` }];
  return { kind: 'vulnerability', id, ...(description && { description }), references };
}

interface Unreadable {
  readonly unknownCodenames: Set<string>;
  readonly incomplete: (message: string) => void;
}

function advisoriesOf(packageName: string, { id, releases }: TrackerFlaw, unreadable: Unreadable): FeedRecord[] {
  return releases.flatMap((release): FeedRecord[] => {
    const { codename, status } = release;
    const namespace = NAMESPACES.get(codename);
    if (namespace === undefined) {
      unreadable.unknownCodenames.add(codename);
      return [];
    }
    const verdict = readVerdict(release);
    if (verdict === undefined) {
      unreadable.incomplete(`${packageName} ${id} in ${codename}: unknown status ${JSON.stringify(status)}`);
      return [];
    }
    const about = { advisoryId: id, vulnerabilityId: id, namespace, packageName, packageKind: 'source' } as const;
    return [{ kind: 'advisory', ...about, ...verdict }];
  });
}

/** All versions. */
const EVERY_VERSION = [{ introduced: '0' }] as const;

type Verdict = Pick<FeedRecord & { kind: 'advisory' }, 'status' | 'affected' | 'fixState' | 'severity' | 'note'>;

function readVerdict(release: TrackerRelease): Verdict | undefined {
  const { status, fixedVersion, nodsa, urgency = '' } = release;
  const word = SEVERITIES.get(urgency.replace(/\*+$/, ''));
  const severity = word ? { severity: word } : {};
  const note = nodsa ? { note: nodsa } : {};
  switch (status) {
    case 'open':
      return { status: 'affected', affected: EVERY_VERSION, fixState: fixStateOf(release), ...severity, ...note };
    case 'undetermined':
      return { status: 'under_investigation', affected: EVERY_VERSION, fixState: 'unknown', ...severity, ...note };
    case 'resolved':
      if (fixedVersion === '0')
        return { status: 'not_affected', affected: [], fixState: 'unknown', ...severity, ...note };
      if (fixedVersion) {
        return {
          status: 'affected',
          affected: [{ introduced: '0', fixed: fixedVersion }],
          fixState: 'fixed',
          ...severity,
          ...note,
        };
      }
      return {
        status: 'under_investigation',
        affected: EVERY_VERSION,
        fixState: 'unknown',
        ...severity,
        note: RESOLVED_SOMEWHERE,
      };
    default:
      return undefined;
  }
}

const RESOLVED_SOMEWHERE = 'resolved, but the tracker names no version';

function fixStateOf({ urgency, nodsaReason }: TrackerRelease): FixState {
  if (nodsaReason === 'ignored') return 'will_not_fix';
  if (nodsaReason === 'postponed') return 'deferred';
  return urgency === 'end-of-life' ? 'end_of_life' : 'not_fixed';
}

/** `not yet assigned` and `end-of-life` are no severities. A star marks urgencies that the tracker took from NVD. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['unimportant', 'negligible'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
]);

/**
 * Codename, release, last day of support. The last day is that of long-term support (LTS) where there was any: the tracker
 * goes on stating what LTS fixes, and nothing after it (extended LTS has a tracker of its own).
 * Source: distro-info-data, https://wiki.debian.org/LTS
 */
const RELEASES: readonly (readonly [codename: string, release: string, until?: string])[] = [
  ['buzz', '1.1', '1997-06-05'],
  ['rex', '1.2', '1998-06-05'],
  ['bo', '1.3', '1999-03-09'],
  ['hamm', '2.0', '2000-03-09'],
  ['slink', '2.1', '2000-10-30'],
  ['potato', '2.2', '2003-06-30'],
  ['woody', '3.0', '2006-06-30'],
  ['sarge', '3.1', '2008-03-31'],
  ['etch', '4', '2010-02-15'],
  ['lenny', '5', '2012-02-06'],
  ['squeeze', '6', '2016-02-29'],
  ['wheezy', '7', '2018-05-31'],
  ['jessie', '8', '2020-06-30'],
  ['stretch', '9', '2022-06-30'],
  ['buster', '10', '2024-06-30'],
  ['bullseye', '11', '2026-08-31'],
  ['bookworm', '12', '2028-06-30'],
  ['trixie', '13', '2030-06-30'],
  ['forky', '14'],
  ['duke', '15'],
  ['sid', 'sid'],
];

const NAMESPACES: ReadonlyMap<string, string> = new Map(
  RELEASES.map(([codename, release]) => [codename, `debian:${release}`]),
);

const COVERAGE: ReadonlyMap<string, Coverage> = new Map(
  RELEASES.map(([, release, until]) => [`debian:${release}`, until ? { until } : {}]),
);
