import { ScannerError } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import type { FixState } from '../../model/status.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedRecord } from '../record.ts';
import { readUct, type UctFile, type UctStatus } from '../schemas/uct.ts';
import { readAutotriage } from '../schemas/uct-autotriage.ts';
import type { Coverage, Updater } from '../updater.ts';

const REPOSITORY = 'https://git.launchpad.net/ubuntu-cve-tracker';

/** `ignored/` holds what Ubuntu decided not to track. */
const FOLDERS = ['active', 'retired'];

/** Which commits of Ubuntu's kernels bring which mainline commits, where their messages do not say. */
const BACKPORTS = 'active/10autotriage.linux';

/**
 * The Ubuntu CVE tracker: a git repository of one text file a CVE, one part each; only blobs that changed are read.
 *
 * A line speaks of one source package in one release. Lines of other products (`esm-infra/xenial`, `fips/jammy`, `snap` …) concern
 * machines that have them: a fix that ESM ships is mentioned at the release, not counted. `devel` is no release.
 */
export const uctUpdater: Updater = {
  name: 'uct',
  aliases: ['ubuntu'],
  title: 'Ubuntu CVE Tracker',
  homepage: 'https://ubuntu.com/security/cves',
  licence: 'none stated; published by Canonical',
  version: 2,
  fullReadSeconds: 12,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch({ git, previous, problem }) {
    const repository = await git.open(REPOSITORY, { depth: 1 });
    const changed: { readonly path: string; readonly revision: string }[] = [];
    for (const folder of FOLDERS) {
      for (const file of await repository.list(folder)) {
        // Beside the CVEs lie makefiles and templates.
        if (!/\/[A-Z]+-\d[^/]*$/.test(file.path) && file.path !== BACKPORTS) continue;
        if (previous.revisionOf(file.path) === file.revision) yield { kind: 'unchanged', name: file.path };
        else changed.push(file);
      }
    }
    const files = changed.values();
    for await (const bytes of repository.read(changed.map(({ revision }) => revision))) {
      const { path: name, revision } = files.next().value as (typeof changed)[number];
      if (bytes) {
        yield {
          kind: 'document',
          document: { name, revision, body: memoryBody(bytes, { name, keepCompressed: true }) },
        };
        continue;
      }
      problem({ code: 'updater.incomplete-entry', message: `${name}: git has lost the blob ${revision}`, path: name });
      yield { kind: 'kept', name };
    }
  },

  async *parse({ name, revision, body }, { problem }) {
    const incomplete = (message: string): void =>
      problem({ code: 'updater.incomplete-entry', message: `${name}: ${message}`, path: name });
    if (name === BACKPORTS) {
      const backports = readAutotriage(await body.text(), (line) => incomplete(`no backport: ${JSON.stringify(line)}`));
      yield { part: name, revision, records: [{ kind: 'backports', backports }] };
      return;
    }
    const file = readUct(await body.text(), (line) => incomplete(`no field: ${JSON.stringify(line.slice(0, 80))}`));
    const { candidate: id } = file;
    if (!id) throw new ScannerError('feed.malformed', `${name} names no candidate`, { document: name });

    const records: FeedRecord[] = [vulnerabilityOf(id, file), ...breakFixesOf(id, file)];
    const esmNotes = readEsmNotes(file.statuses);
    const unknownReleases = new Set<string>();
    for (const status of file.statuses) {
      const { release, packageName, word } = status;
      const namespace = NAMESPACES.get(release);
      if (namespace === undefined) {
        if (isUnknown(release)) unknownReleases.add(release);
        continue;
      }
      const verdicts = readVerdicts(status, esmNotes.get(`${release} ${packageName}`));
      if (verdicts.length === 0) incomplete(`unknown status: ${release}_${packageName}: ${word}`);
      const severity = severityOf(file, status);
      const about = { advisoryId: id, vulnerabilityId: id, namespace, packageName, packageKind: 'source' } as const;
      for (const verdict of verdicts) {
        records.push({ kind: 'advisory', ...about, ...verdict, ...(severity && { severity }) });
      }
    }
    for (const release of unknownReleases) {
      const message = `Ubuntu release ${JSON.stringify(release)} is not known, its statements are left out`;
      problem({ code: 'updater.unknown-release', message, path: name });
    }
    yield { part: name, revision, records };
  },
};

/** Lines on the package `linux`; some hundred others repeat them. */
function breakFixesOf(vulnerabilityId: string, { patchesByPackage }: UctFile): FeedRecord[] {
  const patches = patchesByPackage.get('linux') ?? [];
  const lines = patches.flatMap((line) => (line.startsWith(BREAK_FIX) ? [line.slice(BREAK_FIX.length).trim()] : []));
  return lines.length > 0 ? [{ kind: 'break-fix', vulnerabilityId, lines }] : [];
}

const BREAK_FIX = 'break-fix:';

function vulnerabilityOf(id: string, file: UctFile): FeedRecord {
  const severity = SEVERITIES.get(file.priority ?? '');
  const published = readDate(file.publicDate);
  return {
    kind: 'vulnerability',
    id,
    ...(file.description && { description: file.description }),
    ...(severity && { severity }),
    ...(file.cvss.length > 0 && { cvss: file.cvss }),
    references: [`https://ubuntu.com/security/${id}`, ...file.references].map((url) => ({ url })),
    ...(published && { published }),
  };
}

/** `2023-04-25 23:15:00 UTC` as ISO 8601, `2015-06-11` as it is; others (`unknown`) are none. */
function readDate(text: string | undefined): string | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)(?: UTC)?)?$/.exec(text ?? '') ?? [];
  return day && time ? `${day}T${time}Z` : day;
}

/** What ESM says to its machines where the release itself has no fix, by `<release> <package>`. */
function readEsmNotes(statuses: readonly UctStatus[]): ReadonlyMap<string, string> {
  const notes = new Map<string, string>();
  for (const { release, packageName, word, detail } of statuses) {
    if (word !== 'released' && word !== 'not-affected') continue;
    // `esm-infra/xenial`, `esm-apps/jammy`, `ros-esm/bionic`; older: `trusty/esm`.
    const [, product, codename, older] = /^([a-z-]*esm[a-z-]*)\/([a-z]+)$|^([a-z]+)\/esm$/.exec(release) ?? [];
    if (!codename && !older) continue;
    const key = `${codename ?? older} ${packageName}`;
    const note = `${product ?? 'esm'} (Ubuntu Pro): ${wordsOf({ word, detail })}`;
    const known = notes.get(key);
    notes.set(key, known ? `${known}; ${note}` : note);
  }
  return notes;
}

function wordsOf({ word, detail }: { readonly word: string; readonly detail: string | undefined }): string {
  return detail ? `${word} (${detail})` : word;
}

type Verdict = Pick<FeedRecord & { kind: 'advisory' }, 'status' | 'affected' | 'fixState' | 'note'>;

/** All versions. */
const EVERY_VERSION = [{ introduced: '0' }] as const;

function readVerdicts({ word, detail }: UctStatus, esmNote: string | undefined): readonly Verdict[] {
  const words = detail ? [wordsOf({ word, detail })] : [];
  if (word === 'not-affected') {
    return [{ status: 'not_affected', affected: [], fixState: 'unknown', ...(words[0] && { note: words[0] }) }];
  }
  if (word === 'released' && detail) {
    // Now and then several versions, each of which ends the flaw in its line: `0.27-1+deb7u1, 0.28-1+deb8u1`.
    const versions = detail.split(/\s*,\s*/);
    return versions.map((fixed) => ({ status: 'affected', affected: [{ introduced: '0', fixed }], fixState: 'fixed' }));
  }
  if (word === 'released') words.push('released, but the tracker names no version');
  if (esmNote) words.push(esmNote);
  const isOpen = word === 'needs-triage' || word === 'released';
  const fixState = isOpen ? 'unknown' : fixStateOf(word, detail);
  if (fixState === undefined) return [];
  const status = isOpen ? 'under_investigation' : 'affected';
  return [{ status, affected: EVERY_VERSION, fixState, ...(words.length > 0 && { note: words.join('; ') }) }];
}

function fixStateOf(word: string, reason = ''): FixState | undefined {
  switch (word) {
    case 'needed':
    case 'active':
    case 'in-progress':
    case 'pending':
      return 'not_fixed';
    case 'deferred':
      return 'deferred';
    case 'ignored':
      return END_OF_LIFE.test(reason) ? 'end_of_life' : 'will_not_fix';
    default:
      return undefined;
  }
}

/** `end of life, was needed`, `reached end-of-life`, `end of standard support`, `end of kernel support`, `out of standard support`. */
const END_OF_LIFE = /\bend[ -]of[ -](life|([a-z]+ )?support)|\bout of ([a-z]+ )?support|\bno longer supported|\beol\b/i;

/** `untriaged` is no severity. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['negligible', 'negligible'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['critical', 'critical'],
]);

/** The most specific priority counts. */
function severityOf({ priority = '', priorityByPackage }: UctFile, { packageName, release }: UctStatus) {
  const own = priorityByPackage.get(`${packageName}_${release}`) ?? priorityByPackage.get(packageName);
  return SEVERITIES.get(own ?? priority);
}

/**
 * Codename, release, last day of standard support (main; of LTS releases that of the server).
 * Source: distro-info-data, https://ubuntu.com/about/release-cycle
 */
const RELEASES: readonly (readonly [codename: string, release: string, until: string])[] = [
  ['warty', '4.10', '2006-04-30'],
  ['hoary', '5.04', '2006-10-31'],
  ['breezy', '5.10', '2007-04-13'],
  ['dapper', '6.06', '2011-06-01'],
  ['edgy', '6.10', '2008-04-25'],
  ['feisty', '7.04', '2008-10-19'],
  ['gutsy', '7.10', '2009-04-18'],
  ['hardy', '8.04', '2013-05-09'],
  ['intrepid', '8.10', '2010-04-30'],
  ['jaunty', '9.04', '2010-10-23'],
  ['karmic', '9.10', '2011-04-30'],
  ['lucid', '10.04', '2015-04-30'],
  ['maverick', '10.10', '2012-04-10'],
  ['natty', '11.04', '2012-10-28'],
  ['oneiric', '11.10', '2013-05-09'],
  ['precise', '12.04', '2017-04-28'],
  ['quantal', '12.10', '2014-05-16'],
  ['raring', '13.04', '2014-01-27'],
  ['saucy', '13.10', '2014-07-17'],
  ['trusty', '14.04', '2019-04-25'],
  ['utopic', '14.10', '2015-07-23'],
  ['vivid', '15.04', '2016-02-04'],
  ['wily', '15.10', '2016-07-28'],
  ['xenial', '16.04', '2021-04-30'],
  ['yakkety', '16.10', '2017-07-20'],
  ['zesty', '17.04', '2018-01-13'],
  ['artful', '17.10', '2018-07-19'],
  ['bionic', '18.04', '2023-05-31'],
  ['cosmic', '18.10', '2019-07-18'],
  ['disco', '19.04', '2020-01-23'],
  ['eoan', '19.10', '2020-07-17'],
  ['focal', '20.04', '2025-05-29'],
  ['groovy', '20.10', '2021-07-22'],
  ['hirsute', '21.04', '2022-01-20'],
  ['impish', '21.10', '2022-07-14'],
  ['jammy', '22.04', '2027-06-01'],
  ['kinetic', '22.10', '2023-07-20'],
  ['lunar', '23.04', '2024-01-25'],
  ['mantic', '23.10', '2024-07-11'],
  ['noble', '24.04', '2029-05-31'],
  ['oracular', '24.10', '2025-07-10'],
  ['plucky', '25.04', '2026-01-15'],
  ['questing', '25.10', '2026-07-09'],
  ['resolute', '26.04', '2031-05-29'],
];

const NAMESPACES: ReadonlyMap<string, string> = new Map(
  RELEASES.map(([codename, release]) => [codename, `ubuntu:${release}`]),
);

const COVERAGE: ReadonlyMap<string, Coverage> = new Map(
  RELEASES.map(([, release, until]) => [`ubuntu:${release}`, { until }]),
);

/** Neither a release nor a product beside them. */
function isUnknown(release: string): boolean {
  return !release.includes('/') && !['upstream', 'devel', 'snap', 'product'].includes(release);
}
