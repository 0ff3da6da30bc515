import { createHash } from 'node:crypto';
import { ScannerError } from '../../model/errors.ts';
import { asFields, asText, asTexts } from '../../platform/json-values.ts';
import type { FeedPart, FeedRecord } from '../record.ts';
import type { Coverage, FetchContext, Fetched, Updater } from '../updater.ts';

const METADATA = 'https://packages.broadcom.com/photon/photon_cve_metadata/';
const BRANCHES = 'photon_versions.json';
const MAX_BYTES = 256 << 20;

/**
 * Photon OS' metadata of flaws: one list a branch, of installed packages and the versions that mend them; a part is a flaw in a branch.
 * Source: https://github.com/vmware/photon/wiki/Security-Advisories
 */
export const photonUpdater: Updater = {
  name: 'photon',
  title: 'Photon OS security metadata',
  homepage: 'https://github.com/vmware/photon/wiki/Security-Advisories',
  licence: 'none stated; copyright Broadcom',
  version: 1,
  covers: coverageOf,

  async *fetch(context) {
    const versions = await context.http.get(METADATA + BRANCHES, { maxBytes: 1 << 20 });
    const branches = asTexts(asFields(readJson((await versions?.body.text()) ?? '', BRANCHES)).branches);
    if (branches.length === 0) throw new ScannerError('feed.malformed', `${BRANCHES} names no branch`);
    for (const branch of branches) {
      if (/^\d+\.\d+$/.test(branch)) yield await fetchBranch(`cve_data_photon${branch}.json`, context);
      else context.problem({ code: 'updater.incomplete-entry', message: `${branch} is no branch`, path: BRANCHES });
    }
  },

  async *parse({ name, body }, { problem }) {
    const branch = /photon(\d+)\.\d+\.json$/.exec(name)?.[1];
    const entries = readJson(await body.text(), name);
    if (!branch || !Array.isArray(entries))
      throw new ScannerError('feed.malformed', `${name} is no list of flaws`, { document: name });
    const incomplete = (entry: unknown): void =>
      problem({
        code: 'updater.incomplete-entry',
        message: `not a flaw: ${JSON.stringify(entry)?.slice(0, 80)}`,
        path: name,
      });
    const byFlaw = new Map<string, FeedRecord[]>();
    for (const entry of entries) {
      const record = readEntry(asFields(entry), `photon:${branch}`);
      if (!record) incomplete(entry);
      else byFlaw.set(record.vulnerabilityId, [...(byFlaw.get(record.vulnerabilityId) ?? []), record]);
    }
    for (const [id, records] of byFlaw) yield partOf(`photon:${branch}/${id}`, records);
  },
};

async function fetchBranch(name: string, { http, previous, problem }: FetchContext): Promise<Fetched> {
  try {
    const answer = await http.get(METADATA + name, { ifRevision: previous.revisionOf(name), maxBytes: MAX_BYTES });
    if (!answer) return { kind: 'unchanged', name };
    return { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
  } catch (error) {
    if (!(error instanceof ScannerError) || error.code !== 'feed.not-in-mirror') throw error;
    problem({ code: error.code, message: error.message, path: name });
    return { kind: 'kept', name };
  }
}

function readJson(text: string, document: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('feed.malformed', `${document} is not JSON`, { document }, { cause });
  }
}

function partOf(part: string, records: readonly FeedRecord[]): FeedPart {
  return { part, revision: createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 32), records };
}

type Advisory = Extract<FeedRecord, { kind: 'advisory' }>;

/** `{cve_id, pkg, aff_ver, res_ver, status}`; the oldest branches state no status, and all of theirs are fixed. */
function readEntry(entry: Readonly<Record<string, unknown>>, namespace: string): Advisory | undefined {
  const [id, packageName] = [asText(entry.cve_id), asText(entry.pkg)];
  if (!id || !/^[A-Z][A-Z0-9]*-[\w-]*\d$/.test(id) || !packageName) return undefined;
  const about = {
    kind: 'advisory',
    advisoryId: id,
    vulnerabilityId: id,
    namespace,
    packageName,
    packageKind: 'binary',
  } as const;
  if (entry.status === 'Not Affected') return { ...about, status: 'not_affected', affected: [], fixState: 'unknown' };
  const stated = asText(entry.res_ver);
  const fixed = stated === undefined || stated === 'NA' ? undefined : stated;
  if (entry.status === 'Fixed' && fixed === undefined) return undefined;
  return {
    ...about,
    status: 'affected',
    affected: [{ introduced: '0', ...(fixed && { fixed }) }],
    fixState: fixed ? 'fixed' : 'not_fixed',
  };
}

/** Release, and the last day of its support. Source: https://endoflife.date/photon */
const ENDS: Readonly<Record<string, string>> = {
  'photon:1': '2022-02-28',
  'photon:2': '2022-12-01',
  'photon:3': '2025-10-02',
  'photon:4': '2027-10-11',
};

/** A release newer than the table goes on; what is not in the snapshot is not covered anyway. */
function coverageOf(namespace: string): Coverage | undefined {
  const until = ENDS[namespace];
  if (until !== undefined) return { until };
  return /^photon:([5-9]|\d\d)$/.test(namespace) ? {} : undefined;
}
