import { readCsaf } from '../../documents/csaf.ts';
import { readOvalDefinitions } from '../../documents/oval.ts';
import { ScannerError } from '../../model/errors.ts';
import { StreamInput } from '../../platform/archives/byte-input.ts';
import { readTar, type TarEntry } from '../../platform/archives/tar-reader.ts';
import type { FeedPart } from '../record.ts';
import type { Coverage, DocumentBody, FetchContext, Fetched, ParseContext, Updater } from '../updater.ts';
import { readOval } from './rhel/oval.ts';
import { readVex } from './rhel/vex.ts';

const VEX = 'https://security.access.redhat.com/data/csaf/v2/vex/';
const OVAL = 'https://security.access.redhat.com/data/oval/v2/';
const ARCHIVE = 'csaf_vex.tar';

/** The largest VEX documents (of a kernel) have some 20 MB. */
const MAX_DOCUMENT_BYTES = 128 * 1024 ** 2;
const MAX_ARCHIVE_BYTES = 128 * 1024 ** 3;
/** Documents that are asked for at once. */
const PARALLEL_REQUESTS = 8;

/**
 * Red Hat's VEX documents, one a CVE: an archive of all, and what changed or was taken back since its day.
 *
 * `settings.formats` names what is read: `vex` (default), `oval` (OVAL v2 including unpatched, which Red Hat is giving up), or both.
 * Source: https://security.access.redhat.com/data/csaf/v2/vex/ and https://www.redhat.com/en/blog/red-hat-vex-files-cves-are-now-generally-available
 */
export const rhelUpdater: Updater = {
  name: 'rhel',
  aliases: ['redhat'],
  title: 'Red Hat security data (CSAF VEX)',
  homepage: 'https://access.redhat.com/security/data',
  licence: 'CC-BY-4.0, Red Hat, Inc.',
  version: 1,
  fullReadSeconds: 30,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch(context) {
    const formats = (context.settings.formats ?? 'vex').split(/[\s,]+/);
    if (formats.includes('vex')) yield* fetchVex(context);
    if (formats.includes('oval')) yield* fetchOval(context);
  },

  async *parse(document, context) {
    const { name, body } = document;
    if (name === ARCHIVE) yield* parseArchive(body, context);
    else if (name.endsWith('.oval.xml')) yield* parseOval(name, document.revision, body, context);
    else yield readDocument(await body.bytes(), name, context);
  },
};

/** Last day of maintenance; after it Red Hat states flaws, and fixes them for customers of the life cycle add-on. Source: Red Hat Enterprise Linux Life Cycle. */
const COVERAGE: ReadonlyMap<string, Coverage> = new Map(
  [
    ['4', '2012-02-29'],
    ['5', '2017-03-31'],
    ['6', '2020-11-30'],
    ['7', '2024-06-30'],
    ['8', '2029-05-31'],
    ['9', '2032-05-31'],
    ['10', '2035-05-31'],
  ].map(([release, until]) => [`rhel:${release}`, { until: until! }]),
);

/** Deltas first, then the archive that they stand beside. */
async function* fetchVex(context: FetchContext): AsyncGenerator<Fetched> {
  const archive = (await textOf(context, 'archive_latest.txt')).trim();
  const day = /\d{4}-\d{2}-\d{2}/.exec(archive)?.[0];
  if (!day || !/^[\w.-]+$/.test(archive)) {
    throw new ScannerError(
      'feed.malformed',
      `archive_latest.txt names ${JSON.stringify(archive)}, no archive of a day`,
    );
  }
  const changes = readDates(await textOf(context, 'changes.csv'), 'changes.csv', context);
  const deletions = readDates(await textOf(context, 'deletions.csv'), 'deletions.csv', context);
  for (const [path, date] of deletions) {
    if (date < day || (changes.get(path) ?? '') > date) deletions.delete(path);
    else changes.delete(path);
  }
  for (const [path, date] of changes) if (date < day) changes.delete(path);

  for (const [path, date] of deletions) yield takenBack(path, date, context);
  const recent = [...changes];
  for (let start = 0; start < recent.length; start += PARALLEL_REQUESTS) {
    const batch = recent.slice(start, start + PARALLEL_REQUESTS);
    yield* await Promise.all(batch.map(([path, date]) => fetchChange(path, date, context)));
  }
  const isGivenBack = [...context.previous.documents()].some(
    (name) => VEX_PATH.test(name) && !changes.has(name) && !deletions.has(name),
  );
  yield await fetchArchive(archive, context, isGivenBack);
}

const VEX_PATH = /^\d{4}\/cve-[\d-]+\.json$/;

/** @param isGivenBack whether a document that outweighed one of the archive is gone: the archive is then read again. */
async function fetchArchive(archive: string, { http, previous }: FetchContext, isGivenBack: boolean): Promise<Fetched> {
  if (previous.revisionOf(ARCHIVE) === archive && !isGivenBack) return { kind: 'unchanged', name: ARCHIVE };
  const answer = await http.get(VEX + archive, { maxBytes: MAX_ARCHIVE_BYTES });
  if (!answer) return { kind: 'unchanged', name: ARCHIVE };
  return { kind: 'document', document: { name: ARCHIVE, revision: archive, body: answer.body } };
}

async function fetchChange(path: string, date: string, { http, previous, problem }: FetchContext): Promise<Fetched> {
  if (previous.revisionOf(path) === date) return { kind: 'unchanged', name: path };
  try {
    const answer = await http.get(VEX + path, { maxBytes: MAX_DOCUMENT_BYTES });
    if (!answer) return { kind: 'unchanged', name: path };
    return { kind: 'document', document: { name: path, revision: date, mode: 'delta', body: answer.body } };
  } catch (error) {
    // One that is listed and not there is most often just being taken back.
    if (!(error instanceof ScannerError) || !isMissing(error)) throw error;
    problem({ code: 'updater.missing-document', message: error.message, path });
    return { kind: 'kept', name: path };
  }
}

function isMissing({ code, details }: ScannerError): boolean {
  return code === 'feed.not-in-mirror' || details.status === 404;
}

async function textOf({ http }: FetchContext, path: string): Promise<string> {
  const answer = await http.get(VEX + path, { maxBytes: 64 * 1024 ** 2 });
  if (!answer) throw new ScannerError('feed.malformed', `${VEX}${path} has no content`);
  return answer.body.text();
}

/** Lines `"2024/cve-2024-44943.json","2024-08-28T09:39:21+00:00"`, the newest first. */
function readDates(text: string, document: string, { problem }: FetchContext): Map<string, string> {
  const dates = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, path = '', date] = /^"([^"]+)","(\d{4}-\d{2}-\d{2}T[^"]+)"\s*$/.exec(line) ?? [];
    if (VEX_PATH.test(path) && date) dates.set(path, dates.get(path) ?? date);
    else
      problem({ code: 'updater.incomplete-entry', message: `no path and date: ${line.slice(0, 80)}`, path: document });
  }
  return dates;
}

/** What stands in for a document that was taken back: a newer part without records outweighs that of the archive. */
function takenBack(path: string, date: string, { previous }: FetchContext): Fetched {
  if (previous.revisionOf(path) === date) return { kind: 'unchanged', name: path };
  const id = path.slice('2024/'.length, -'.json'.length).toUpperCase();
  const tracking = { id, status: 'deleted', current_release_date: date };
  const bytes = Buffer.from(JSON.stringify({ document: { tracking } }));
  const body: DocumentBody = {
    sizeBytes: bytes.length,
    async *stream() {
      yield bytes;
    },
    bytes: async () => bytes,
    text: async () => bytes.toString(),
  };
  return { kind: 'document', document: { name: path, revision: date, mode: 'delta', body } };
}

async function* parseArchive(body: DocumentBody, context: ParseContext): AsyncGenerator<FeedPart> {
  try {
    for await (const entry of readTar(new StreamInput(body.stream()))) {
      if (entry.type === 'file' && entry.path.endsWith('.json')) yield* parseEntry(entry, context);
    }
  } catch (error) {
    if (!(error instanceof ScannerError) || !error.code.startsWith('archive.')) throw error;
    throw new ScannerError('feed.malformed', `${ARCHIVE}: ${error.message}`, { document: ARCHIVE }, { cause: error });
  }
}

/** A document that cannot be read costs no other one. */
async function* parseEntry(entry: TarEntry, context: ParseContext): AsyncGenerator<FeedPart> {
  const bytes = await bytesOf(entry);
  let part: FeedPart | undefined;
  try {
    part = readDocument(bytes, entry.path, context);
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    context.problem({ code: 'updater.malformed-document', message: error.message, path: entry.path });
  }
  if (part) yield part;
}

async function bytesOf(entry: TarEntry): Promise<Buffer> {
  if (entry.sizeBytes > MAX_DOCUMENT_BYTES) {
    const message = `${entry.path} has ${entry.sizeBytes} bytes, more than maxDocumentBytes = ${MAX_DOCUMENT_BYTES}`;
    throw new ScannerError('feed.limit-exceeded', message, { maxDocumentBytes: MAX_DOCUMENT_BYTES });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of entry.body()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readDocument(bytes: Buffer, path: string, { problem }: ParseContext): FeedPart {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${path} is no JSON`, { document: path }, { cause });
  }
  return readVex(readCsaf(json), (message) => problem({ code: 'updater.incomplete-entry', message, path }));
}

/** Files of releases and their streams; those of layered products repeat what their own errata say. */
async function* fetchOval({ http, previous }: FetchContext): AsyncGenerator<Fetched> {
  const manifest = await http.get(`${OVAL}PULP_MANIFEST`, { maxBytes: 16 * 1024 ** 2 });
  for (const line of (await manifest?.body.text())?.split('\n') ?? []) {
    const [path = '', sha256 = ''] = line.split(',');
    if (!/^RHEL\d+\/rhel-\d[\w.-]*-including-unpatched\.oval\.xml\.bz2$/.test(path)) continue;
    const name = path.replace(/\.bz2$/, '');
    const answer = previous.revisionOf(name) === sha256 ? undefined : await http.get(OVAL + path);
    if (!answer) yield { kind: 'unchanged', name };
    else yield { kind: 'document', document: { name, revision: sha256, body: answer.body } };
  }
}

async function* parseOval(
  name: string,
  revision: string,
  body: DocumentBody,
  { problem }: ParseContext,
): AsyncGenerator<FeedPart> {
  for await (const definition of readOvalDefinitions(body.stream())) {
    const report = (message: string) =>
      problem({ code: 'updater.incomplete-entry', message: `${definition.id}: ${message}`, path: name });
    // One definition stands in the files of several streams.
    yield {
      part: `${name}#${definition.id}`,
      revision: definition.updated ?? revision,
      records: readOval(definition, report),
    };
  }
}
