import { ScannerError } from '../../model/errors.ts';
import { textLines } from '../../platform/text-lines.ts';
import type { FeedRecord } from '../record.ts';
import type { Updater } from '../updater.ts';

/** The publisher redirects to the newest `epss_scores-YYYY-MM-DD.csv.gz`. */
const SCORES = 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz';

/**
 * FIRST's forecast of exploitation: one CSV of all CVEs a day, one part, since every score changes every day.
 *
 * Three forms of it exist: without a comment and without percentiles (early 2021), with
 * `#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000`, and with that date ending in `Z`.
 * Source: https://www.first.org/epss/data_stats
 */
export const epssUpdater: Updater = {
  name: 'epss',
  title: 'FIRST Exploit Prediction Scoring System',
  homepage: 'https://www.first.org/epss/',
  licence: 'free to use, attribution to FIRST asked for',
  version: 1,
  fullReadSeconds: 2,
  isGeneral: true,
  covers: () => undefined,

  async *fetch({ http, previous }) {
    const name = 'epss_scores-current.csv';
    const answer = await http.get(SCORES, { ifRevision: previous.revisionOf(name), maxBytes: 256 << 20 });
    if (!answer) yield { kind: 'unchanged', name };
    else yield { kind: 'document', document: { name, revision: answer.revision, body: answer.body } };
  },

  async *parse({ name, body, revision }, { problem }) {
    const records: FeedRecord[] = [];
    let scoreDate: string | undefined;
    let columns: readonly string[] | undefined;
    for await (const line of textLines(body.stream())) {
      if (line.startsWith('#')) scoreDate = /score_date:([^,]+)/.exec(line)?.[1];
      else if (!columns) columns = readHeader(line, name);
      else if (line !== '') {
        const record = readRow(line, columns.length);
        if (record) records.push(record);
        else problem({ code: 'updater.incomplete-entry', message: `not a score: ${line.slice(0, 80)}`, path: name });
      }
    }
    if (!columns) throw new ScannerError('feed.malformed', `${name} is empty`, { document: name });
    yield { part: 'scores', revision: scoreDate ?? revision, records };
  },
};

function readHeader(line: string, document: string): readonly string[] {
  const columns = line.split(',');
  if (columns[0] === 'cve' && columns[1] === 'epss' && (columns[2] ?? 'percentile') === 'percentile') return columns;
  throw new ScannerError('feed.malformed', `${document} does not begin with cve,epss`, { document });
}

function readRow(line: string, columnCount: number): FeedRecord | undefined {
  const cells = line.split(',');
  const [vulnerabilityId = '', stated = ''] = cells;
  const [score, percentile] = [readShare(stated), readShare(cells[2])];
  if (cells.length !== columnCount || !vulnerabilityId.startsWith('CVE-') || score === undefined) return undefined;
  if (columnCount < 3) return { kind: 'epss', vulnerabilityId, score };
  return percentile === undefined ? undefined : { kind: 'epss', vulnerabilityId, score, percentile };
}

/** A number from 0 to 1. */
function readShare(text: string | undefined): number | undefined {
  const share = text ? Number(text) : Number.NaN;
  return share >= 0 && share <= 1 ? share : undefined;
}
