import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../model/errors.ts';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedPart } from '../record.ts';
import { Held, startTrial } from '../updater.contract.ts';
import type { FeedHttp, Fetched, PreviousState } from '../updater.ts';
import { nvdUpdater } from './nvd.ts';

const fixture = join(import.meta.dirname, 'fixtures/nvd');
const folder = 'nvd.nist.gov/feeds/json/cve/2.0';

/** What a document of these CVEs parses to. */
async function parse(
  ...cves: readonly unknown[]
): Promise<{ readonly parts: FeedPart[]; readonly problems: Problem[] }> {
  const problems: Problem[] = [];
  const body = memoryBody(
    Buffer.from(JSON.stringify({ format: 'NVD_CVE', vulnerabilities: cves.map((cve) => ({ cve })) })),
  );
  const document = { name: 'nvdcve-2.0-2023.json', revision: '1', body };
  const parts = await Array.fromAsync(nvdUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, problems };
}

const dates = { published: '2023-03-30T20:15:07.373', lastModified: '2024-11-21T07:40:03.300' };

describe('parse', () => {
  test('reads texts, scores of all versions and sources, weaknesses and references', async () => {
    const { parts } = await parse({
      id: 'CVE-2023-1393',
      ...dates,
      vulnStatus: 'Modified',
      descriptions: [
        { lang: 'es', value: 'Se encontró un fallo en X.Org Server.' },
        { lang: 'en', value: 'A flaw was found in X.Org Server Overlay Window.' },
      ],
      metrics: {
        cvssMetricV31: [
          {
            source: 'nvd@nist.gov',
            type: 'Primary',
            cvssData: { version: '3.1', vectorString: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', baseScore: 7.8 },
          },
          {
            source: '134c704f-9b21-4f2e-91b3-4a467353bcc0',
            type: 'Secondary',
            cvssData: { version: '3.1', vectorString: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', baseScore: 7.8 },
          },
        ],
      },
      weaknesses: [
        { description: [{ lang: 'en', value: 'CWE-416' }] },
        { description: [{ lang: 'en', value: 'NVD-CWE-Other' }] },
        { description: [{ lang: 'en', value: 'CWE-416' }] },
      ],
      references: [
        { url: 'https://www.openwall.com/lists/oss-security/2023/03/29/1' },
        { url: 'https://www.openwall.com/lists/oss-security/2023/03/29/1', tags: ['Mailing List', 'Patch'] },
      ],
    });
    const vector = 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H';
    expect(parts).toEqual([
      {
        part: 'CVE-2023-1393',
        revision: '2024-11-21T07:40:03.300',
        records: [
          {
            kind: 'vulnerability',
            id: 'CVE-2023-1393',
            description: 'A flaw was found in X.Org Server Overlay Window.',
            cvss: [
              { version: '3.1', vector, score: 7.8, source: 'nvd@nist.gov', type: 'Primary' },
              { version: '3.1', vector, score: 7.8, source: '134c704f-9b21-4f2e-91b3-4a467353bcc0', type: 'Secondary' },
            ],
            cwes: ['CWE-416'],
            references: [
              { url: 'https://www.openwall.com/lists/oss-security/2023/03/29/1', tags: ['Mailing List', 'Patch'] },
            ],
            published: '2023-03-30T20:15:07.373Z',
            modified: '2024-11-21T07:40:03.300Z',
          },
        ],
      },
    ]);
  });

  test('"running on" is an AND of two nodes, of which the platform is not vulnerable itself', async () => {
    const match = (vulnerable: boolean, criteria: string, bounds = {}) => ({
      vulnerable,
      criteria,
      matchCriteriaId: 'X',
      ...bounds,
    });
    const firmware = match(true, 'cpe:2.3:o:fortinet:fortiproxy:*:*:*:*:*:*:*:*', {
      versionStartIncluding: '7.0.0',
      versionEndExcluding: '7.0.16',
    });
    const hardware = match(false, 'cpe:2.3:h:fortinet:fortiproxy_400e:-:*:*:*:*:*:*:*');
    const { parts } = await parse({
      id: 'CVE-2024-23113',
      ...dates,
      configurations: [
        {
          operator: 'AND',
          nodes: [
            { operator: 'OR', negate: false, cpeMatch: [firmware] },
            { operator: 'OR', negate: true, cpeMatch: [hardware] },
          ],
        },
      ],
    });
    expect(parts[0]?.records[1]).toEqual({
      kind: 'cpe',
      vulnerabilityId: 'CVE-2024-23113',
      configurations: [
        {
          operator: 'AND',
          negate: false,
          nodes: [
            {
              operator: 'OR',
              negate: false,
              criteria: [
                {
                  vulnerable: true,
                  criteria: firmware.criteria,
                  versionStartIncluding: '7.0.0',
                  versionEndExcluding: '7.0.16',
                },
              ],
            },
            { operator: 'OR', negate: true, criteria: [{ vulnerable: false, criteria: hardware.criteria }] },
          ],
        },
      ],
    });
  });

  test('a rejected CVE is withdrawn, and concerns no product any more', async () => {
    const nodes = [{ operator: 'OR', cpeMatch: [{ vulnerable: true, criteria: 'cpe:2.3:a:a:b:*:*:*:*:*:*:*:*' }] }];
    const { parts } = await parse({
      id: 'CVE-1999-0020',
      ...dates,
      vulnStatus: 'Rejected',
      configurations: [{ nodes }],
    });
    expect(parts[0]?.records).toMatchObject([{ kind: 'vulnerability', withdrawn: '2024-11-21T07:40:03.300Z' }]);
  });

  test('what is no CVE is a problem, and the rest goes on', async () => {
    const { parts, problems } = await parse(
      { id: 'CVE-2023-1', ...dates },
      null,
      { id: 'CVE-2023-1393' },
      { id: 'CVE-2023-1394', ...dates },
    );
    expect(parts.map(({ part }) => part)).toEqual(['CVE-2023-1394']);
    expect(problems.map(({ code }) => code)).toEqual(Array(3).fill('updater.incomplete-entry'));
  });
});

/** Feeds of CVEs (id -> date), by file name; with their `.meta`. */
function feedFiles(feeds: Readonly<Record<string, Readonly<Record<string, string>>>>): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const [name, cves] of Object.entries(feeds)) {
    const vulnerabilities = Object.entries(cves).map(([id, lastModified]) => ({ cve: { id, lastModified } }));
    const body = Buffer.from(JSON.stringify({ vulnerabilities }));
    const sha256 = createHash('sha256').update(body).digest('hex').toUpperCase();
    files.set(`${folder}/nvdcve-2.0-${name}.json`, body);
    files.set(`${folder}/nvdcve-2.0-${name}.meta`, Buffer.from(`lastModifiedDate:x\r\nsha256:${sha256}\r\n`));
  }
  return files;
}

/** Serves files from memory. */
function fakeFeeds(files: ReadonlyMap<string, Buffer>): FeedHttp {
  return {
    async get(url) {
      const body = files.get(url.replace('https://', '').replace(/\.gz$/, ''));
      if (!body) throw new ScannerError('feed.unreachable', `no ${url}`, { status: 404 });
      return { body: memoryBody(body), sha256: '', revision: '', headers: {} };
    },
    listing: async () => [],
  };
}

const day = (nth: number) => `2024-11-${String(nth).padStart(2, '0')}T00:00:00.000`;

describe('feeds', () => {
  test('a content that differs from its .meta is fetched again, then refused', async () => {
    await using trial = await startTrial(nvdUpdater, fixture);
    const path = `${folder}/nvdcve-2.0-2003.json.gz`;
    trial.publisher.files.set(path, trial.publisher.files.get(`${folder}/nvdcve-2.0-2002.json`)!);
    await expect(trial.update(new Held())).rejects.toMatchObject({ code: 'feed.malformed', message: /SHA-256/ });
    expect(trial.publisher.requests.filter((request) => request.path === path)).toHaveLength(2);
  });

  test('a CVE that leaves "modified" goes back to its year, which is read again', async () => {
    await using trial = await startTrial(nvdUpdater, fixture);
    const held = new Held();
    for (const [path, body] of feedFiles({ '2003': { 'CVE-2003-0001': day(1) } }))
      trial.publisher.files.set(path, body);
    for (const [path, body] of feedFiles({ modified: { 'CVE-2003-0001': day(5) } }))
      trial.publisher.files.set(path, body);
    await trial.update(held);
    expect([...held.parts()].find(({ part }) => part === 'CVE-2003-0001')?.revision).toBe(day(5));
    for (const [path, body] of feedFiles({ modified: {} })) trial.publisher.files.set(path, body);
    const fetched = await trial.update(held);
    expect(fetched.filter(({ kind }) => kind === 'document')).toHaveLength(2);
    expect([...held.parts()].find(({ part }) => part === 'CVE-2003-0001')?.revision).toBe(day(1));
  });

  test('any sequence of increments comes to what one full update comes to', async () => {
    const step = fc.record({ year: fc.nat(2), modified: fc.nat(2), isListed: fc.boolean() });
    const steps = fc.array(fc.tuple(step, step, step), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const held = new Held();
        const dates = ['CVE-1999-0001', 'CVE-2002-0002', 'CVE-2003-0003'].map((id) => ({ id, year: 1, modified: 1 }));
        for (const changes of sequence) {
          const listed: typeof dates = [];
          for (const [nth, date] of dates.entries()) {
            // Dates only rise, wherever they are published first.
            date.year += changes[nth]!.year;
            date.modified += changes[nth]!.modified;
            if (changes[nth]!.isListed) listed.push(date);
          }
          const of2003 = dates.filter(({ id }) => id.includes('2003'));
          const files = feedFiles({
            '2002': Object.fromEntries(
              dates.filter((date) => !of2003.includes(date)).map(({ id, year }) => [id, day(year)]),
            ),
            '2003': Object.fromEntries(of2003.map(({ id, year }) => [id, day(year)])),
            modified: Object.fromEntries(listed.map(({ id, modified }) => [id, day(modified)])),
          });
          await update(held, fakeFeeds(files), '2003-12-01T00:00:00Z', {});
          const full = new Held();
          await update(full, fakeFeeds(files), '2003-12-01T00:00:00Z', {});
          expect(held.content()).toEqual(full.content());
        }
      }),
      { numRuns: 100 },
    );
  });

  test('years that a mirror lacks are gaps, not failures; those of before are kept', async () => {
    await using trial = await startTrial(nvdUpdater, fixture);
    const held = new Held();
    await trial.update(held, { mirror: trial.publisher.url });
    const before = held.content();
    for (const path of [...trial.publisher.files.keys()]) if (path.includes('2003')) trial.publisher.files.delete(path);
    await trial.update(held, { mirror: trial.publisher.url });
    expect(held.content()).toEqual(before);
    expect(trial.problems.map(({ code, path }) => [code, path])).toEqual([
      ['feed.not-in-mirror', 'nvdcve-2.0-2003.json'],
    ]);
    trial.publisher.files.clear();
    await expect(trial.update(new Held(), { mirror: trial.publisher.url })).rejects.toMatchObject({
      code: 'feed.not-in-mirror',
    });
  });

  test('on New Year the file of the year is not there yet', async () => {
    await using trial = await startTrial(nvdUpdater, fixture);
    for (const path of [...trial.publisher.files.keys()]) if (path.includes('2003')) trial.publisher.files.delete(path);
    await trial.update(new Held());
    expect(trial.problems).toMatchObject([{ path: 'nvdcve-2.0-2003.json' }]);
  });
});

/** An API that holds these CVEs; two a page, so that paging shows. */
function fakeApi(cves: Readonly<Record<string, string>>, asked: URLSearchParams[] = []): FeedHttp {
  return {
    async get(url, options) {
      if (!url.startsWith('https://services.nvd.nist.gov/'))
        throw new ScannerError('feed.unreachable', 'gone', { status: 404 });
      const query = new URL(url).searchParams;
      query.set('paceMs', String(options?.paceMs));
      query.set('key', options?.headers?.apiKey ?? '');
      asked.push(query);
      const [start, end] = [query.get('lastModStartDate'), query.get('lastModEndDate')];
      const found = Object.entries(cves).filter(
        ([, date]) => !start || !end || (`${date}Z` >= start && `${date}Z` <= end),
      );
      const first = Number(query.get('startIndex'));
      const page = found.slice(first, first + 2000).map(([id, lastModified]) => ({ cve: { id, lastModified } }));
      const body = memoryBody(
        Buffer.from(JSON.stringify({ startIndex: first, totalResults: found.length, vulnerabilities: page })),
      );
      return { body, sha256: '', revision: `${url}`, headers: {} };
    },
    listing: async () => [],
  };
}

async function update(held: Held, http: FeedHttp, date: string, settings: Record<string, string> = { mode: 'api' }) {
  const problems: Problem[] = [];
  const context = {
    http,
    git: { open: async () => Promise.reject(new Error('no git')) },
    previous: held as PreviousState,
    problem: (problem: Problem) => problems.push(problem),
    now: () => new Date(date),
    settings,
    signal: new AbortController().signal,
  };
  const run: {
    fetched: Fetched;
    parts: Map<string, { revision: string; document: string; records: FeedPart['records'] }>;
  }[] = [];
  for await (const fetched of nvdUpdater.fetch(context)) {
    const parts = new Map();
    if (fetched.kind === 'document') {
      for await (const part of nvdUpdater.parse(fetched.document, context))
        parts.set(part.part, { ...part, document: fetched.document.name });
    }
    run.push({ fetched, parts });
  }
  held.apply(run);
  return problems;
}

describe('API', () => {
  const many = Object.fromEntries(Array.from({ length: 4500 }, (_, nth) => [`CVE-2023-${10_000 + nth}`, day(1)]));

  test('everything comes in pages of 2000 at first, at the pace that NIST asks for', async () => {
    const asked: URLSearchParams[] = [];
    const held = new Held();
    await update(held, fakeApi(many, asked), '2024-12-01T00:00:00Z');
    expect(asked.map((query) => query.get('startIndex'))).toEqual(['0', '2000', '4000']);
    expect(asked.map((query) => query.get('paceMs'))).toEqual(['6500', '6500', '6500']);
    expect(held.content()).toHaveLength(4500);
  });

  test('a key is sent, and quickens the pace', async () => {
    const asked: URLSearchParams[] = [];
    await update(new Held(), fakeApi({}, asked), '2024-12-01T00:00:00Z', { mode: 'api', apiKey: 'secret' });
    expect(asked[0]?.get('key')).toBe('secret');
    expect(Number(asked[0]?.get('paceMs'))).toBeLessThan(1000);
  });

  test('later only what was modified since, in windows of less than 120 days, with nothing between them', async () => {
    const held = new Held();
    const old = { 'CVE-2023-0001': day(1), 'CVE-2023-0002': day(1) };
    await update(held, fakeApi(old), '2024-12-01T00:00:00Z');
    const asked: URLSearchParams[] = [];
    const now = { ...old, 'CVE-2023-0002': '2025-03-01T00:00:00.000', 'CVE-2025-0003': '2025-06-01T00:00:00.000' };
    await update(held, fakeApi(now, asked), '2025-08-01T00:00:00Z');
    const windows = asked.map((query) => [query.get('lastModStartDate')!, query.get('lastModEndDate')!] as const);
    expect(windows[0]?.[0]).toBe('2024-11-30T23:00:00.000Z');
    expect(windows.at(-1)?.[1]).toBe('2025-08-01T00:00:00.000Z');
    for (const [nth, [start, end]] of windows.entries()) {
      expect(Date.parse(end) - Date.parse(start)).toBeLessThan(120 * 86_400_000);
      if (nth > 0) expect(start).toBe(windows[nth - 1]?.[1]);
    }
    const full = new Held();
    await update(full, fakeApi(now), '2025-08-01T00:00:00Z');
    expect(held.content()).toEqual(full.content());
    await update(held, fakeApi(now), '2025-08-02T00:00:00Z');
    expect(held.content()).toEqual(full.content());
  });

  test('is read when the feeds are gone, and that is said', async () => {
    const held = new Held();
    const problems = await update(held, fakeApi({ 'CVE-2023-0001': day(1) }), '2024-12-01T00:00:00Z', {});
    expect(held.content()).toHaveLength(1);
    expect(problems).toMatchObject([{ code: 'feed.gone' }]);
  });
});
