import { ScannerError } from '../model/errors.ts';
import type { FeedDocument, FetchContext, Fetched, HttpDocument } from './updater.ts';

const API = 'https://services.nvd.nist.gov/rest/json/cves/2.0';

/** The most that the API gives at once. */
const PAGE_SIZE = 2000;

/** The API refuses longer windows of modification dates. */
const WINDOW_MS = 119 * 24 * 3600 * 1000;

/** NVD's clock and ours may differ, and a change becomes visible a little after its date. */
const OVERLAP_MS = 3600 * 1000;

/** 5 requests in 30 s, 50 with a key; NVD asks for some more sleep than that. */
const PACE_MS = { withKey: 700, withoutKey: 6500 } as const;

const MAX_PAGE_BYTES = 512 << 20;

/** `api <end of the window> <first record>`: a document is a page, and its name says until when everything is known. */
const NAME = /^api (\S+) \d+$/;

type NvdContext = Pick<FetchContext, 'http' | 'previous' | 'settings' | 'now'>;

/**
 * Reads NVD by its API 2.0: everything at first, later what was modified since, in windows of at most 120 days. All documents are
 * deltas, of which the newest revision of a CVE counts; those that no CVE came from any more are forgotten.
 */
export async function* fetchNvdApi({ http, previous, settings, now }: NvdContext): AsyncGenerator<Fetched> {
  const headers: Record<string, string> = settings.apiKey ? { apiKey: settings.apiKey } : {};
  const paceMs = settings.apiKey ? PACE_MS.withKey : PACE_MS.withoutKey;
  const end = now().toISOString();
  const since = lastEnd(previous.documents());
  for (const window of since === undefined ? [undefined] : windowsOf(since, end)) {
    for (let start = 0, total = 1; start < total; start += PAGE_SIZE) {
      const query = new URLSearchParams({ resultsPerPage: String(PAGE_SIZE), startIndex: String(start), ...window });
      const answer = await http.get(`${API}?${query}`, { headers, paceMs, maxBytes: MAX_PAGE_BYTES });
      if (!answer) throw new ScannerError('feed.malformed', `${API} answered "not modified" though it was not asked`);
      total = await totalOf(answer);
      yield { kind: 'document', document: page(`api ${window?.lastModEndDate ?? end} ${start}`, answer) };
    }
  }
  for (const name of documentsInUse(previous)) yield { kind: 'unchanged', name };
}

function page(name: string, { body, revision }: HttpDocument): FeedDocument {
  return { name, revision, body, mode: 'delta' };
}

/** The latest end of a window that was read to its end. */
function lastEnd(documents: Iterable<string>): string | undefined {
  let last: string | undefined;
  for (const name of documents) {
    const end = NAME.exec(name)?.[1];
    if (end !== undefined && (last === undefined || end > last)) last = end;
  }
  return last;
}

interface Window extends Record<string, string> {
  readonly lastModStartDate: string;
  readonly lastModEndDate: string;
}

function windowsOf(since: string, end: string): readonly Window[] {
  const windows: Window[] = [];
  const endMs = Date.parse(end);
  for (let startMs = Date.parse(since) - OVERLAP_MS; startMs < endMs; startMs += WINDOW_MS) {
    windows.push({
      lastModStartDate: new Date(startMs).toISOString(),
      lastModEndDate: new Date(Math.min(startMs + WINDOW_MS, endMs)).toISOString(),
    });
  }
  return windows;
}

/** `totalResults` stands in front of the records. */
async function totalOf({ body }: HttpDocument): Promise<number> {
  let head = '';
  for await (const chunk of body.stream()) {
    head += chunk.toString('latin1');
    const total = /"totalResults"\s*:\s*(\d+)/.exec(head)?.[1];
    if (total !== undefined) return Number(total);
    if (head.length > 64 << 10) break;
  }
  throw new ScannerError('feed.malformed', `${API} states no totalResults`);
}

function documentsInUse(previous: NvdContext['previous']): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { document } of previous.parts()) if (NAME.test(document)) names.add(document);
  return names;
}
