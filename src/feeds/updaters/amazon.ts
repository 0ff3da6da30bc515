import { ScannerError } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import type { FeedRecord } from '../record.ts';
import { readRepomd } from '../schemas/rpm-repomd.ts';
import { type RpmUpdate, readRpmUpdates } from '../schemas/rpm-updateinfo.ts';
import type { Coverage, FeedHttp, Fetched, HttpDocument, Updater } from '../updater.ts';

/** A release, the list of mirrors of its repository, and its last day of support. Source: the FAQs of Amazon Linux. */
interface Release {
  readonly namespace: string;
  readonly mirrorList: string;
  readonly until: string;
}

const RELEASES: readonly Release[] = [
  {
    namespace: 'amzn:2018.03',
    mirrorList: 'http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list',
    until: '2023-12-31',
  },
  {
    namespace: 'amzn:2',
    mirrorList: 'https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list',
    until: '2026-06-30',
  },
  {
    namespace: 'amzn:2023',
    mirrorList: 'https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list',
    until: '2029-06-30',
  },
];

/**
 * Amazon Linux's security advisories (ALAS), from the `updateinfo.xml` of each release's repository.
 *
 * The repositories of x86_64 stand for all architectures, which get the same versions. Amazon Linux 2's extras are left out: their
 * packages bear the names of the core's, in streams whose versions do not compare (kernel 5.15 is no fix of kernel 4.14).
 * Source: https://alas.aws.amazon.com/
 */
export const amazonUpdater: Updater = {
  name: 'amazon',
  title: 'Amazon Linux Security Center (updateinfo)',
  homepage: 'https://alas.aws.amazon.com/',
  licence: 'none stated; copyright Amazon Web Services',
  version: 1,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch({ http, previous, problem }) {
    const missing: ScannerError[] = [];
    for (const release of RELEASES) {
      const name = documentOf(release);
      try {
        yield await fetchRelease(release, http, previous.revisionOf(name));
      } catch (error) {
        if (!(error instanceof ScannerError) || error.code !== 'feed.not-in-mirror') throw error;
        missing.push(error);
        problem({ code: 'feed.not-in-mirror', message: error.message, path: name });
        yield { kind: 'kept', name };
      }
    }
    if (missing.length === RELEASES.length) throw missing[0];
  },

  async *parse({ name, body }, { problem }) {
    const namespace = RELEASES.find((release) => documentOf(release) === name)?.namespace;
    if (!namespace) throw new ScannerError('feed.malformed', `${name} is of no known release`, { document: name });
    const ids = new Set<string>();
    for await (const update of readRpmUpdates(body.stream())) {
      const report = (message: string) =>
        problem({ code: 'updater.incomplete-entry', message: `${update.id}: ${message}`, path: name });
      if (update.id === '' || ids.has(update.id)) {
        report(update.id === '' ? 'an update without an id' : 'comes again; the first counts');
        continue;
      }
      ids.add(update.id);
      const revision = update.updated ?? update.issued ?? '';
      yield { part: `${namespace}/${update.id}`, revision, records: readUpdate(update, namespace, report) };
    }
  },
};

const COVERAGE: ReadonlyMap<string, Coverage> = new Map(RELEASES.map(({ namespace, until }) => [namespace, { until }]));

/** `amzn:2023` -> `updateinfo-2023.xml` */
function documentOf({ namespace }: Release): string {
  return `updateinfo-${namespace.slice('amzn:'.length)}.xml`;
}

/** mirror.list -> the first mirror -> repomd.xml -> updateinfo.xml.gz. Only the last of them is large. */
async function fetchRelease(release: Release, http: FeedHttp, held: string | undefined): Promise<Fetched> {
  const mirrors = await (await get(http, release.mirrorList)).body.text();
  const mirror = mirrors.trim().split(/\s+/)[0]?.replace(/\/+$/, '');
  if (!mirror || !URL.canParse(mirror)) throw malformed(`${release.mirrorList} names no mirror`);

  const repomd = `${mirror}/repodata/repomd.xml`;
  const files = await Array.fromAsync(readRepomd((await get(http, repomd)).body.stream()));
  const updateinfo = files.find(({ kind }) => kind === 'updateinfo');
  if (!updateinfo?.path) throw malformed(`${repomd} lists no updateinfo`);

  const name = documentOf(release);
  if (held !== undefined && held === updateinfo.checksum) return { kind: 'unchanged', name };
  const sha256 = updateinfo.contentSha256;
  const { body, sha256: hash } = await get(
    http,
    `${mirror}/${updateinfo.path}`,
    sha256 === undefined ? {} : { sha256 },
  );
  return { kind: 'document', document: { name, revision: updateinfo.checksum || hash, body } };
}

async function get(http: FeedHttp, url: string, options: { readonly sha256?: string } = {}): Promise<HttpDocument> {
  const answer = await http.get(url, { ...options, maxBytes: 1024 ** 3 });
  if (!answer) throw malformed(`${url} has no content`);
  return answer;
}

function malformed(message: string): ScannerError {
  return new ScannerError('feed.malformed', message);
}

function readUpdate(update: RpmUpdate, namespace: string, report: (message: string) => void): FeedRecord[] {
  const packages = new Map<string, { readonly name: string; readonly version: string }>();
  for (const { name, version } of update.packages) {
    if (name === '' || version === '') report('a package without name or version');
    else packages.set(`${name} ${version}`, { name, version });
  }
  if (packages.size === 0) report('names no package');

  const cves = [...new Set(update.references.map(({ id }) => id).filter((id) => /^CVE-\d{4}-\d{4,}$/.test(id)))];
  const severity = SEVERITIES.get(update.severity.toLowerCase());
  if (!severity) report(`unknown severity ${JSON.stringify(update.severity)}`);
  const link = linkOf(update.id, namespace);
  const records: FeedRecord[] = cves.length > 0 ? [] : [describe(update, link, severity)];
  for (const vulnerabilityId of cves.length > 0 ? cves : [update.id]) {
    for (const { name: packageName, version: fixed } of packages.values()) {
      records.push({
        kind: 'advisory',
        advisoryId: update.id,
        vulnerabilityId,
        namespace,
        packageName,
        packageKind: 'binary',
        status: 'affected',
        affected: [{ introduced: '0', fixed }],
        fixState: 'fixed',
        ...(severity && { severity }),
        link,
      });
    }
  }
  return records;
}

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['low', 'low'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['important', 'high'],
  ['critical', 'critical'],
]);

/** The pages of later releases lie in a folder of their own and do not repeat the release in the name. */
function linkOf(id: string, namespace: string): string {
  const folder = { 'amzn:2': 'AL2/', 'amzn:2023': 'AL2023/' }[namespace] ?? '';
  return `https://alas.aws.amazon.com/${folder}${id.replace(/^ALAS2(?:023)?(?=[A-Z-])/, 'ALAS')}.html`;
}

/** An advisory that names no flaw is the vulnerability itself. */
function describe({ id, title, description, issued }: RpmUpdate, url: string, severity?: Severity): FeedRecord {
  return {
    kind: 'vulnerability',
    id,
    ...(title && { summary: title }),
    ...(description && { description }),
    ...(severity && { severity }),
    references: [{ url }],
    ...(issued && { published: issued.slice(0, 10) }),
  };
}
