import { ScannerError } from '../../model/errors.ts';
import { jsonRecords } from '../../platform/json-records.ts';
import { fetchNvdApi } from '../nvd-api.ts';
import { fetchNvdFeeds } from '../nvd-feeds.ts';
import type { FeedPart, FeedRecord } from '../record.ts';
import { type NvdCve, readNvdCve } from '../schemas/nvd.ts';
import type { FetchContext, Updater } from '../updater.ts';

/**
 * NIST's National Vulnerability Database: texts, scores, weaknesses and CPE configurations of all CVEs; a part is a CVE.
 *
 * Read from the yearly feeds; with the setting `mode: api`, or when the feeds are gone, from the API 2.0 (faster with `apiKey`).
 * Both have the same records. Nothing here covers a namespace: NVD speaks of products, by CPE.
 * Source: https://nvd.nist.gov/vuln/data-feeds, https://nvd.nist.gov/developers/vulnerabilities
 */
export const nvdUpdater: Updater = {
  name: 'nvd',
  title: 'NIST National Vulnerability Database',
  homepage: 'https://nvd.nist.gov/',
  licence: 'public domain; this product uses data from the NVD API but is not endorsed or certified by the NVD',
  version: 1,
  fullReadSeconds: 20,
  isGeneral: true,
  covers: () => undefined,

  async *fetch(context) {
    if (context.settings.mode === 'api') yield* fetchNvdApi(context);
    else yield* fetchFeedsOrApi(context);
  },

  async *parse({ name, body }, { problem }) {
    for await (const bytes of jsonRecords(body.stream(), 'vulnerabilities')) {
      const cve = readNvdCve(readJson(bytes, name));
      if (cve) yield partOf(cve);
      else
        problem({ code: 'updater.incomplete-entry', message: `no CVE: ${bytes.toString('utf8', 0, 80)}`, path: name });
    }
  },
};

async function* fetchFeedsOrApi(context: FetchContext) {
  let hasBegun = false;
  try {
    for await (const fetched of fetchNvdFeeds(context)) {
      hasBegun = true;
      yield fetched;
    }
  } catch (error) {
    const isGone = error instanceof ScannerError && [404, 410].includes(Number(error.details.status));
    if (hasBegun || !isGone) throw error;
    context.problem({ code: 'feed.gone', message: `${error.message}; the API is read in their place` });
    yield* fetchNvdApi(context);
  }
}

function readJson(bytes: Buffer, document: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${document} is not JSON`, { document }, { cause });
  }
}

function partOf(cve: NvdCve): FeedPart {
  const { id, lastModified, published, isRejected, description, cvss, cwes, references, configurations } = cve;
  const records: FeedRecord[] = [
    {
      kind: 'vulnerability',
      id,
      ...(description && { description }),
      ...(cvss.length > 0 && { cvss }),
      ...(cwes.length > 0 && { cwes }),
      ...(references.length > 0 && { references }),
      ...(published && { published: toUtc(published) }),
      modified: toUtc(lastModified),
      ...(isRejected && { withdrawn: toUtc(lastModified) }),
    },
  ];
  if (configurations.length > 0 && !isRejected) records.push({ kind: 'cpe', vulnerabilityId: id, configurations });
  return { part: id, revision: lastModified, records };
}

/** NVD's dates are in UTC without saying so. */
function toUtc(date: string): string {
  return /Z|[+-]\d\d:\d\d$/.test(date) ? date : `${date}Z`;
}
