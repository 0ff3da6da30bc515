import { ScannerError } from '../model/errors.ts';
import { jsonRecords } from '../platform/json-records.ts';
import { readNvdCve } from './schemas/nvd.ts';
import type { FeedDocument, FetchContext, Fetched } from './updater.ts';

const FEEDS = 'https://nvd.nist.gov/feeds/json/cve/2.0';

/** The file of 2002 holds the years before it too. */
const FIRST_YEAR = 2002;

const MAX_YEAR_BYTES = 2 * 1024 ** 3;

type NvdContext = Pick<FetchContext, 'http' | 'previous' | 'problem' | 'now'>;

/**
 * Reads NVD's feeds: a file a year, made daily, and `modified` with the changes of the last eight days, made every two hours, which
 * is a delta over them. `.meta` files say whether a file is new, by a hash of its content.
 *
 * A CVE that leaves `modified` goes back to its year file, so that file is read again unless it has taken the CVE over already.
 *
 * @throws ScannerError what `http` throws; `feed.not-in-mirror` only when nothing at all is there.
 */
export async function* fetchNvdFeeds(context: NvdContext): AsyncGenerator<Fetched> {
  const modified = await fetchFile('modified', context, { always: false });
  const givenBack = modified.kind === 'document' ? await partsGivenBack(modified.document, context) : new Set<string>();
  if (modified.kind !== 'missing') yield modified;
  let found = modified.kind !== 'missing';
  for (let year = FIRST_YEAR; year <= context.now().getUTCFullYear(); year++) {
    const fetched = await fetchFile(String(year), context, { always: givenBack.has(documentName(String(year))) });
    if (fetched.kind === 'missing') continue;
    found = true;
    yield fetched;
  }
  if (!found) throw new ScannerError('feed.not-in-mirror', `not in the mirror: ${FEEDS}/`, { url: `${FEEDS}/` });
}

type Found = Extract<Fetched, { kind: 'document' | 'unchanged' | 'kept' }>;

/** @param always even if nothing is new. @returns `missing` when neither the mirror nor we have it. */
async function fetchFile(
  file: string,
  { http, previous, problem, now }: NvdContext,
  { always }: { readonly always: boolean },
): Promise<Found | { readonly kind: 'missing' }> {
  const name = documentName(file);
  try {
    const sha256 = await fetchHash(`${FEEDS}/nvdcve-2.0-${file}.meta`, http);
    if (sha256 === previous.revisionOf(name) && !always) return { kind: 'unchanged', name };
    const answer = await http.get(`${FEEDS}/nvdcve-2.0-${file}.json.gz`, { sha256, maxBytes: MAX_YEAR_BYTES });
    if (!answer) return { kind: 'unchanged', name };
    const mode = file === 'modified' ? 'delta' : 'whole';
    return { kind: 'document', document: { name, revision: sha256, body: answer.body, mode } };
  } catch (error) {
    // On the first days of a year its file is not there yet.
    const isAhead =
      file === String(now().getUTCFullYear()) && error instanceof ScannerError && error.details.status === 404;
    if (!(error instanceof ScannerError) || (error.code !== 'feed.not-in-mirror' && !isAhead)) throw error;
    problem({ code: error.code, message: error.message, path: name });
    return previous.revisionOf(name) === undefined ? { kind: 'missing' } : { kind: 'kept', name };
  }
}

/** `nvdcve-2.0-2019.json` */
function documentName(file: string): string {
  return `nvdcve-2.0-${file}.json`;
}

/** The hash of the uncompressed file, from five lines such as `sha256:0AB1…`. */
async function fetchHash(url: string, http: NvdContext['http']): Promise<string> {
  const answer = await http.get(url, { maxBytes: 64 << 10 });
  const hash = answer && /^sha256:([0-9A-F]{64})\s*$/im.exec(await answer.body.text())?.[1];
  if (!hash) throw new ScannerError('feed.malformed', `${url} states no sha256`, { url });
  return hash.toLowerCase();
}

/** Documents of the CVEs that came from `modified` and are no longer in it. */
async function partsGivenBack(modified: FeedDocument, { previous }: NvdContext): Promise<ReadonlySet<string>> {
  const listed = new Set<string>();
  for await (const record of jsonRecords(modified.body.stream(), 'vulnerabilities')) {
    const cve = readNvdCve(JSON.parse(record.toString()));
    if (cve) listed.add(cve.id);
  }
  const documents = new Set<string>();
  for (const { part, document } of previous.parts()) {
    if (document === modified.name && !listed.has(part)) documents.add(documentOf(part));
  }
  return documents;
}

function documentOf(cve: string): string {
  return documentName(String(Math.max(FIRST_YEAR, Number(cve.split('-')[1]))));
}
