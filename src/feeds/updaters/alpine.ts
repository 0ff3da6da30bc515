import { createHash } from 'node:crypto';
import { ScannerError } from '../../model/errors.ts';
import { readSecDb } from '../schemas/alpine-secdb.ts';
import { secfixRecords } from '../secfixes.ts';
import type { Coverage, FeedHttp, PreviousState, Updater } from '../updater.ts';

const DATABASE = 'https://secdb.alpinelinux.org/';

/**
 * Alpine's security database: one file a branch and repository, one part each. It names source ("origin") packages and the version
 * that fixed a flaw, and nothing of flaws that are not fixed yet.
 *
 * Source: https://secdb.alpinelinux.org/ (the listing), https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#secfixes
 */
export const alpineUpdater: Updater = {
  name: 'alpine',
  title: 'Alpine Security Database',
  homepage: 'https://security.alpinelinux.org/',
  licence: 'CC-BY-SA-4.0',
  version: 1,
  fullReadSeconds: 2,
  covers: coverageOf,

  async *fetch({ http, previous, problem }) {
    for (const branch of await http.listing(DATABASE)) {
      if (!/^(edge|v\d+\.\d+)\/$/.test(branch)) continue;
      for (const repository of ['main', 'community']) {
        const name = `${branch}${repository}.json`;
        // The oldest branches have no community repository.
        const answer = await get(name, { http, previous, isOptional: repository === 'community' });
        if (answer === 'absent') continue;
        if (answer === 'not in the mirror') {
          problem({ code: 'feed.not-in-mirror', message: `not in the mirror: ${DATABASE}${name}`, path: name });
          yield { kind: 'kept', name };
        } else if (answer === 'unchanged') yield { kind: 'unchanged', name };
        else yield { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
      }
    }
  },

  async *parse({ name, body }, { problem }) {
    const bytes = await body.bytes();
    const incomplete = (message: string): void =>
      problem({ code: 'updater.incomplete-entry', message: `${name}: ${message}`, path: name });
    const { branch, packages } = readSecDb(bytes.toString('utf8'), name, incomplete);
    if (!branch || !/^(edge|v\d+\.\d+)$/.test(branch))
      throw new ScannerError('feed.malformed', `${name} is no security database of Alpine`, { document: name });
    const records = secfixRecords(packages, { namespace: `alpine:${branch}`, incomplete });
    yield { part: name, revision: createHash('sha256').update(bytes).digest('hex'), records };
  },
};

interface GetOptions {
  readonly http: FeedHttp;
  readonly previous: PreviousState;
  readonly isOptional: boolean;
}

async function get(name: string, { http, previous, isOptional }: GetOptions) {
  try {
    const answer = await http.get(`${DATABASE}${name}`, { ifRevision: previous.revisionOf(name), maxBytes: 256 << 20 });
    return answer ?? 'unchanged';
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    const isNotInMirror = error.code === 'feed.not-in-mirror';
    if (isOptional && (isNotInMirror || error.details.status === 404)) return 'absent';
    if (isNotInMirror) return 'not in the mirror';
    throw error;
  }
}

/** Branch, and the last day of its support. Source: https://alpinelinux.org/releases/ */
const BRANCHES: ReadonlyMap<string, string> = new Map([
  ['v3.0', '2016-05-01'],
  ['v3.1', '2016-11-01'],
  ['v3.2', '2017-05-01'],
  ['v3.3', '2017-11-01'],
  ['v3.4', '2018-05-01'],
  ['v3.5', '2018-11-01'],
  ['v3.6', '2019-05-01'],
  ['v3.7', '2019-11-01'],
  ['v3.8', '2020-05-01'],
  ['v3.9', '2020-11-01'],
  ['v3.10', '2021-05-01'],
  ['v3.11', '2021-11-01'],
  ['v3.12', '2022-05-01'],
  ['v3.13', '2022-11-01'],
  ['v3.14', '2023-05-01'],
  ['v3.15', '2023-11-01'],
  ['v3.16', '2024-05-23'],
  ['v3.17', '2024-11-22'],
  ['v3.18', '2025-05-09'],
  ['v3.19', '2025-11-01'],
  ['v3.20', '2026-04-01'],
  ['v3.21', '2026-11-01'],
  ['v3.22', '2027-05-01'],
  ['v3.23', '2027-11-01'],
]);

/** A branch newer than the table is covered: the feed lists it, and what is not in the snapshot is not covered anyway. */
function coverageOf(namespace: string): Coverage | undefined {
  const [, branch, minor] = /^alpine:(edge|v3\.(\d+))$/.exec(namespace) ?? [];
  if (!branch) return undefined;
  const until = BRANCHES.get(branch);
  if (until) return { until };
  return minor === undefined || Number(minor) >= BRANCHES.size ? {} : undefined;
}
