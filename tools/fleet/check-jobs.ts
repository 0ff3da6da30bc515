import pg from 'pg';

/** What became of the jobs of a run. */
export interface JobsOutcome {
  readonly states: Readonly<Record<string, number>>;
  readonly endings: Readonly<Record<string, number>>;
  /** What must never be; empty when all is well. */
  readonly faults: readonly string[];
}

/** What must hold of every job that has ended, each as a query for those of which it does not. */
const NEVER: Readonly<Record<string, string>> = {
  'a job that has not ended': `select id from cvescan.job where state in ('pending', 'running')`,
  'a job with two results': `select job_id from cvescan.job_attempt where result_hash is not null and ending = 'succeeded' group by job_id having count(*) > 1`,
  'a job that succeeded without exactly one attempt that did': `select id from cvescan.job j where state = 'succeeded' and type = 'scan' and (select count(*) from cvescan.job_attempt a where a.job_id = j.id and a.ending = 'succeeded') <> 1`,
  'an attempt without an end': `select job_id from cvescan.job_attempt where ending is null`,
  'a result that is not of the last lease': `select j.id from cvescan.job j join cvescan.job_attempt a on a.job_id = j.id and a.ending = 'succeeded' where a.number <> j.lease_count`,
  'a scan without exactly one report': `select id from cvescan.job j where state = 'succeeded' and type = 'scan' and (select count(*) from cvescan.job_report r where r.job_id = j.id) <> 1`,
  'a report that is not the one of the result': `select j.id from cvescan.job j join cvescan.job_report r on r.job_id = j.id where j.state = 'succeeded' and r.sha256 <> j.result::json->>'reportSha256'`,
  'a report in pieces': `select job_id from cvescan.job_report_chunk c where sha256 like 'upload %' and exists (select 1 from cvescan.job j where j.id = c.job_id and j.state = 'succeeded')`,
  'a document of a job that succeeded': `select job_id from cvescan.job_payload p join cvescan.job j on j.id = p.job_id where j.state = 'succeeded'`,
  'a job that failed while it could be tried again': `select id from cvescan.job where state = 'failed' and attempt_count < 3 and error::json->>'retryable' = 'true'`,
};

/** Looks into the database itself, past all of the program. */
export async function checkJobs(url: string, ids: ReadonlySet<string>): Promise<JobsOutcome> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const faults: string[] = [];
    for (const [what, query] of Object.entries(NEVER)) {
      const { rows } = await client.query(query);
      if (rows.length > 0) faults.push(`${what}: ${rows.length}, e.g. ${Object.values(rows[0])[0]}`);
    }
    const { rows: jobs } = await client.query(`select id, state from cvescan.job where type = 'scan'`);
    const known = new Set(jobs.map(({ id }) => id as string));
    const lost = [...ids].filter((id) => !known.has(id));
    if (lost.length > 0) faults.push(`jobs that are gone: ${lost.length}, e.g. ${lost[0]}`);
    const { rows: endings } = await client.query(
      'select ending, count(*)::int as count from cvescan.job_attempt group by ending order by ending',
    );
    return {
      states: countBy(jobs.filter(({ id }) => ids.has(id)).map(({ state }) => state as string)),
      endings: Object.fromEntries(endings.map(({ ending, count }) => [ending, count])),
      faults,
    };
  } finally {
    await client.end();
  }
}

/** How many jobs have not ended. */
export async function openJobCount(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select count(*)::int as count from cvescan.job where state in ('pending', 'running')`,
    );
    return rows[0].count;
  } finally {
    await client.end();
  }
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
