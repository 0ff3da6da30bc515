import { describe, expect, test } from 'vitest';
import { ScannerError } from '../../model/errors.ts';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedHttp } from '../updater.ts';
import { alpineUpdater } from './alpine.ts';

describe('alpine: which ids an entry names', () => {
  // biome-ignore format: a table
  const cases = [
    // entry                                              ids                                              what the row shows
    ['CVE-2024-6119',                                     ['CVE-2024-6119'],                               'one id'],
    ['CVE-2020-11740 CVE-2020-11741 XSA-313',             ['CVE-2020-11740', 'CVE-2020-11741', 'XSA-313'], 'several ids'],
    ['CVE-2018-3639   XSA-263',                           ['CVE-2018-3639', 'XSA-263'],                    'several spaces'],
    ['CVE-2023-44441 ZDI-CAN-22093',                      ['CVE-2023-44441', 'ZDI-CAN-22093'],             'letters in two groups'],
    ['GNUTLS-SA-2020-03-31 CVE-2020-11501',               ['GNUTLS-SA-2020-03-31', 'CVE-2020-11501'],      'an id with a date'],
    ['CVE-2024-34064 GHSA-h75v-3vvj-5mfj',                ['CVE-2024-34064', 'GHSA-h75v-3vvj-5mfj'],       'GHSA'],
    ['CVE-2023-44487 VSV00013',                           ['CVE-2023-44487', 'VSV00013'],                  'an id without a dash'],
    ['RUSTSEC-2020-0146',                                 ['RUSTSEC-2020-0146'],                           'RUSTSEC'],
    ['ALPINE-13661',                                      ['ALPINE-13661'],                                "Alpine's own"],
    ['wnpa-sec-2017-18',                                  ['wnpa-sec-2017-18'],                            'small letters'],
    ['DW202402-001',                                      ['DW202402-001'],                                'digits before a dash'],
    ['CVE-2018-14469 (IKEv1)',                            ['CVE-2018-14469'],                              'a remark is no id'],
    ['CVE-2018-10105 (SMB - too unreliably reproduced, SMB printing disabled)', ['CVE-2018-10105'],        'a long remark'],
    ['CVE-2017-2616 (+ regression fix)',                  ['CVE-2017-2616'],                               'a sign'],
    ['CVE-2017-5753 CVE-2017-5715 XSA-254 XPTI',          ['CVE-2017-5753', 'CVE-2017-5715', 'XSA-254'],   'a stray word'],
    ['CVE-2017-17434-1',                                  ['CVE-2017-17434'],                              'a part of a fix'],
    ['CVE-2021-35940.patch',                              ['CVE-2021-35940'],                              'the name of a patch'],
    ['CVE_2019-2426',                                     ['CVE-2019-2426'],                               'an underscore'],
  ] as const;
  for (const [entry, ids, shows] of cases) {
    test(`${entry}: ${shows}`, async () => {
      const { rows, problems } = await parse({ xen: { '4.13.0-r3': [entry] } });
      expect(rows.map(({ vulnerabilityId }) => vulnerabilityId)).toEqual(ids);
      expect(problems).toEqual([]);
    });
  }

  // biome-ignore format: a table
  const unreadable = [
    ['CVE-46838',                    []],
    ['CVE-2022-????? XSA-398',       ['XSA-398']],
    ['CVE N/A ZBX-11023',            ['ZBX-11023']],
    ['see the notes',                []],
    ['',                             []],
  ] as const;
  for (const [entry, ids] of unreadable) {
    test(`${JSON.stringify(entry)} is a problem with its place`, async () => {
      const { rows, problems } = await parse({ xen: { '4.13.0-r3': [entry] } });
      expect(rows.map(({ vulnerabilityId }) => vulnerabilityId)).toEqual(ids);
      expect(problems).toEqual([
        {
          code: 'updater.incomplete-entry',
          message: `v3.20/main.json: xen 4.13.0-r3: an unreadable id: ${JSON.stringify(entry)}`,
          path: 'v3.20/main.json',
        },
      ]);
    });
  }
});

describe('alpine: what a fix says', () => {
  test('a key is the version that fixed it', async () => {
    const { rows } = await parse({ zlib: { '1.2.12-r2': ['CVE-2022-37434'] } });
    expect(rows).toEqual([
      {
        kind: 'advisory',
        advisoryId: 'CVE-2022-37434',
        vulnerabilityId: 'CVE-2022-37434',
        namespace: 'alpine:v3.20',
        packageName: 'zlib',
        packageKind: 'source',
        status: 'affected',
        affected: [{ introduced: '0', fixed: '1.2.12-r2' }],
        fixState: 'fixed',
      },
    ]);
  });

  test('version 0 is never affected', async () => {
    const { rows } = await parse({ openssl: { 0: ['CVE-2022-2274'] } });
    expect(rows).toMatchObject([{ status: 'not_affected', affected: [], fixState: 'unknown' }]);
  });

  test('one id under two versions is two rows; the database decides', async () => {
    const { rows } = await parse({ busybox: { '1.36.1-r27': ['CVE-2023-42364'], '1.36.1-r29': ['CVE-2023-42364'] } });
    expect(rows.map(({ affected }) => affected[0]?.fixed)).toEqual(['1.36.1-r27', '1.36.1-r29']);
  });

  test('an id named twice below one version is one row', async () => {
    const { rows } = await parse({ gnutls: { '3.6.14-r0': ['CVE-2020-13777 GNUTLS-SA-2020-06-03 CVE-2020-13777'] } });
    expect(rows).toHaveLength(2);
  });

  test('edge is a namespace of its own', async () => {
    const { rows } = await parse({ zlib: { '1.2.12-r2': ['CVE-2022-37434'] } }, 'edge');
    expect(rows).toMatchObject([{ namespace: 'alpine:edge' }]);
  });
});

describe('alpine: damaged files', () => {
  test('what cannot be read is named, the rest stays', async () => {
    const packages = [
      {
        pkg: {
          name: 'zlib',
          secfixes: { '1.2.12-r2': ['CVE-2022-37434'], '1.3.1-r0': 'CVE-2023-45853', '1.4-r0': [7] },
        },
      },
      { pkg: { secfixes: {} } },
      { pkg: { name: 'curl', secfixes: ['CVE-2016-8615'] } },
      'xen',
      { pkg: { name: 'apk-tools', secfixes: {} } },
      { pkg: { name: 'ansible', secfixes: { '2.8.0-r0': {}, '2.9.0-r0': null } } },
    ];
    const { rows, problems } = await parseText(JSON.stringify({ distroversion: 'v3.20', packages }));
    expect(rows).toHaveLength(1);
    expect(problems.map(({ message }) => message.replace('v3.20/main.json: ', ''))).toEqual([
      'zlib 1.3.1-r0: not a list of ids: "CVE-2023-45853"',
      'zlib 1.4-r0: not a list of ids: [7]',
      'not a package: {"pkg":{"secfixes":{}}}',
      'curl: not a list of fixes: ["CVE-2016-8615"]',
      'not a package: "xen"',
    ]);
  });

  test('an empty list is written as an object', async () => {
    expect((await parseText('{"distroversion":"v3.3","packages":{}}')).rows).toEqual([]);
  });

  for (const text of [
    '',
    '[]',
    '{}',
    '{"distroversion":"v3.20","packages":"none"}',
    '{"distroversion":"../x","packages":[]}',
  ]) {
    test(`${JSON.stringify(text)} is no database`, async () => {
      await expect(parseText(text)).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});

test('alpine: branches and when their support ends', () => {
  expect(alpineUpdater.covers('alpine:v3.20')).toEqual({ until: '2026-04-01' });
  expect(alpineUpdater.covers('alpine:v3.99')).toEqual({});
  expect(alpineUpdater.covers('alpine:edge')).toEqual({});
  expect(alpineUpdater.covers('alpine:3.20')).toBeUndefined();
  expect(alpineUpdater.covers('wolfi')).toBeUndefined();
});

describe('alpine: fetch', () => {
  const names = ['edge/', 'last-update', 'v3.2/', 'v3.20/', 'old/'];

  test('asks for both repositories of every branch', async () => {
    expect(await fetchAll({})).toEqual([
      ['document', 'edge/main.json'],
      ['document', 'edge/community.json'],
      ['document', 'v3.2/main.json'],
      ['document', 'v3.2/community.json'],
      ['document', 'v3.20/main.json'],
      ['document', 'v3.20/community.json'],
    ]);
  });

  test('an old branch has no community repository', async () => {
    const absent = new ScannerError('feed.unreachable', 'not found', { status: 404 });
    expect(await fetchAll({ 'v3.2/community.json': absent })).not.toContainEqual(['document', 'v3.2/community.json']);
  });

  test('unchanged files are named', async () => {
    expect(await fetchAll({ 'v3.20/main.json': 'unchanged' })).toContainEqual(['unchanged', 'v3.20/main.json']);
  });

  test('a gap of the mirror keeps what is held', async () => {
    const gap = new ScannerError('feed.not-in-mirror', 'not here');
    expect(await fetchAll({ 'v3.20/main.json': gap })).toContainEqual(['kept', 'v3.20/main.json']);
  });

  test('a branch that cannot be reached fails the source', async () => {
    const failure = new ScannerError('feed.unreachable', 'refused', { status: 503 });
    await expect(fetchAll({ 'v3.20/community.json': failure })).rejects.toBe(failure);
  });

  async function fetchAll(answers: Record<string, ScannerError | 'unchanged'>) {
    const http: FeedHttp = {
      listing: async () => names,
      get: async (url) => {
        const answer = answers[url.replace('https://secdb.alpinelinux.org/', '')];
        if (answer === 'unchanged') return undefined;
        if (answer) throw answer;
        return { body: memoryBody(Buffer.from('{}')), sha256: '', revision: 'etag', headers: {} };
      },
    };
    const context = {
      http,
      git: { open: () => Promise.reject(new Error('no git')) },
      previous: { revisionOf: () => undefined, documents: () => [], parts: () => [] },
      problem: () => {},
      now: () => new Date(0),
      settings: {},
      signal: new AbortController().signal,
    };
    const fetched = await Array.fromAsync(alpineUpdater.fetch(context));
    return fetched.map((one) => {
      if (one.kind === 'document') return [one.kind, one.document.name];
      return one.kind === 'parts' ? [one.kind] : [one.kind, one.name];
    });
  }
});

function parse(fixesByPackage: Record<string, Record<string, readonly string[]>>, distroversion = 'v3.20') {
  const packages = Object.entries(fixesByPackage).map(([name, secfixes]) => ({ pkg: { name, secfixes } }));
  return parseText(JSON.stringify({ distroversion, reponame: 'main', packages }));
}

async function parseText(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'v3.20/main.json', revision: 'etag', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(alpineUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  expect(parts.map(({ part }) => part)).toEqual(['v3.20/main.json']);
  return { rows: parts[0]!.records.filter((record) => record.kind === 'advisory'), problems };
}
