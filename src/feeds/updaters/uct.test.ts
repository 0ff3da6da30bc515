import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedRecord } from '../record.ts';
import type { Fetched, GitRepository, PreviousState } from '../updater.ts';
import { uctUpdater } from './uct.ts';

describe('uct: what a line says of jammy', () => {
  // biome-ignore format: a table
  const cases = [
    // line                                             status                 fixed in   fix state       note                                       what the row shows
    ['needed',                                          'affected',            undefined, 'not_fixed',    undefined,                                 'a fix is to come'],
    ['active',                                          'affected',            undefined, 'not_fixed',    undefined,                                 'somebody works on it'],
    ['in-progress',                                     'affected',            undefined, 'not_fixed',    undefined,                                 'the newer word for it'],
    ['pending (7.81.0-1ubuntu1.15)',                    'affected',            undefined, 'not_fixed',    'pending (7.81.0-1ubuntu1.15)',            'a fix that waits is none yet'],
    ['deferred (2023-01-10)',                           'affected',            undefined, 'deferred',     'deferred (2023-01-10)',                   'deferred, since when'],
    ['needs-triage',                                    'under_investigation', undefined, 'unknown',      undefined,                                 'nobody has looked yet'],
    ['ignored',                                         'affected',            undefined, 'will_not_fix', undefined,                                 'ignored without a reason'],
    ['ignored (changes too intrusive)',                 'affected',            undefined, 'will_not_fix', 'ignored (changes too intrusive)',         'ignored for a reason'],
    ['ignored (end of life, was needs-triage)',         'affected',            undefined, 'end_of_life',  'ignored (end of life, was needs-triage)', 'end of life'],
    ['ignored (reached end-of-life)',                   'affected',            undefined, 'end_of_life',  'ignored (reached end-of-life)',           'the older form'],
    ['ignored (end of standard support, was needed)',   'affected',            undefined, 'end_of_life',  'ignored (end of standard support, was needed)', 'end of standard support'],
    ['ignored (end of kernel support)',                 'affected',            undefined, 'end_of_life',  'ignored (end of kernel support)',         'end of kernel support'],
    ['ignored (out of standard support)',               'affected',            undefined, 'end_of_life',  'ignored (out of standard support)',       'out of standard support'],
    ['released (7.81.0-1ubuntu1.14)',                   'affected',            '7.81.0-1ubuntu1.14', 'fixed', undefined,                             'affected below the version'],
    ['released ( 0.4-3 )',                              'affected',            '0.4-3',   'fixed',        undefined,                                 'spaces inside'],
    ['released ((0.1)',                                 'affected',            '0.1',     'fixed',        undefined,                                 'one bracket too many'],
    ['released (6.0.180',                               'affected',            '6.0.180', 'fixed',        undefined,                                 'one bracket too few'],
    ['released',                                        'under_investigation', undefined, 'unknown',      'released, but the tracker names no version', 'no version decides nothing'],
  ] as const;
  for (const [line, status, fixed, fixState, note, shows] of cases) {
    test(`${line}: ${shows}`, async () => {
      const affected = [fixed ? { introduced: '0', fixed } : { introduced: '0' }];
      expect(await advisories(`jammy_curl: ${line}`)).toEqual([
        {
          kind: 'advisory',
          advisoryId: 'CVE-2023-38545',
          vulnerabilityId: 'CVE-2023-38545',
          namespace: 'ubuntu:22.04',
          packageName: 'curl',
          packageKind: 'source',
          status,
          affected,
          fixState,
          ...(note && { note }),
        },
      ]);
    });
  }

  test('not-affected is kept as such, DNE is nothing', async () => {
    const lines = 'focal_curl: not-affected (7.68.0-1ubuntu2.19)\njammy_curl:DNE\nlunar_curl: DNE (moved)';
    expect(await advisories(lines)).toMatchObject([
      { namespace: 'ubuntu:20.04', status: 'not_affected', affected: [], note: 'not-affected (7.68.0-1ubuntu2.19)' },
    ]);
  });

  test('several versions are a row each', async () => {
    const rows = await advisories('precise_pgpdump: released (0.27-1+deb7u1build0.12.04.1, 0.28-1+deb8u1)');
    expect(rows).toMatchObject([
      { affected: [{ fixed: '0.27-1+deb7u1build0.12.04.1' }] },
      { affected: [{ fixed: '0.28-1+deb8u1' }] },
    ]);
  });

  test('a word that nobody knows is a problem', async () => {
    const { problems } = await parse('Candidate: CVE-2018-1000226\nbionic_cobbler: 2.6\nbionic_xen:\n');
    expect(problems.map(({ message }) => message)).toEqual([
      'active/CVE-2023-38545: unknown status: bionic_cobbler: 2.6',
      'active/CVE-2023-38545: unknown status: bionic_xen: ',
    ]);
  });
});

describe('uct: releases and products', () => {
  for (const line of [
    'devel_curl: needed',
    'upstream_curl: released (8.4.0)',
    'snap_curl: needed',
    'esm-infra/xenial_curl: needed',
    'trusty/esm_curl: needed',
    'fips-updates/jammy_curl: needed',
    'realtime/jammy_linux: needed',
    'vivid/ubuntu-core_curl: needed',
  ]) {
    test(`${line} is not of a release`, async () => {
      const { records, problems } = await parse(`Candidate: CVE-2023-38545\n${line}\n`);
      expect([records.length, problems]).toEqual([1, []]);
    });
  }

  test('a release that nobody knows is one problem', async () => {
    const { problems } = await parse('Candidate: CVE-2023-38545\nzurg_curl: needed\nzurg_wget: needed\n');
    expect(problems).toMatchObject([{ code: 'updater.unknown-release', message: expect.stringContaining('"zurg"') }]);
  });

  test('what ESM fixed is mentioned, not counted', async () => {
    const lines = [
      'trusty_zlib: ignored (end of standard support)',
      'trusty/esm_zlib: released (1:1.2.8.dfsg-1ubuntu1.1+esm2)',
      'xenial_zlib: ignored (end of standard support)',
      'esm-infra/xenial_zlib: not-affected (code not built)',
      'jammy_zlib: needs-triage',
      'esm-apps/jammy_zlib: released (1.2+esm1)',
      'ros-esm/jammy_zlib: released (1.2+ros1)',
      'bionic_zlib: released (1:1.2.11.dfsg-0ubuntu2.2)',
      'esm-infra/bionic_zlib: released (1:1.2.11.dfsg-0ubuntu2.2+esm1)',
    ];
    const rows = await advisories(lines.join('\n'));
    expect(rows.map(({ namespace, fixState, note }) => [namespace, fixState, note])).toEqual([
      [
        'ubuntu:14.04',
        'end_of_life',
        'ignored (end of standard support); esm (Ubuntu Pro): released (1:1.2.8.dfsg-1ubuntu1.1+esm2)',
      ],
      [
        'ubuntu:16.04',
        'end_of_life',
        'ignored (end of standard support); esm-infra (Ubuntu Pro): not-affected (code not built)',
      ],
      [
        'ubuntu:22.04',
        'unknown',
        'esm-apps (Ubuntu Pro): released (1.2+esm1); ros-esm (Ubuntu Pro): released (1.2+ros1)',
      ],
      ['ubuntu:18.04', 'fixed', undefined],
    ]);
  });

  test('standard support ends the coverage', () => {
    expect(uctUpdater.covers('ubuntu:16.04')).toEqual({ until: '2021-04-30' });
    expect(uctUpdater.covers('ubuntu:24.04')).toEqual({ until: '2029-05-31' });
    expect(uctUpdater.covers('ubuntu:devel')).toBeUndefined();
    expect(uctUpdater.covers('debian:12')).toBeUndefined();
  });
});

describe('uct: the other fields', () => {
  test('a vulnerability with everything', async () => {
    const { records } = await parse(
      [
        'PublicDateAtUSN: 2022-03-07 12:00:00 UTC',
        'Candidate: CVE-2022-0847',
        '# a comment: of somebody',
        'PublicDate: 2022-03-10 17:44:00 UTC',
        'References: ',
        ' https://dirtypipe.cm4all.com/',
        'Description:',
        ' A flaw was found in the way',
        '\tpipes work: badly.',
        'Priority: high',
        ' Local privilege escalation',
        'CVSS:',
        ' nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H [7.8 HIGH]',
        ' redhat: CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H',
        'Patches_linux:',
        ' break-fix: - 9d2231c5d74e13b2a0546fee6737ee4446017903',
        ' break-fix: 1da177e4c3f41524e886b7f1b8a0c1fc7321cac2 I(commit1|commit2)',
        ' upstream: https://git.kernel.org/linus/9d2231c5d74e13b2a0546fee6737ee4446017903',
        'Tags_linux: not-ue',
        'Priority_linux-oem: low',
        'Priority_linux_trusty/esm: medium',
        '',
      ].join('\r\n'),
    );
    expect(records).toEqual([
      {
        kind: 'vulnerability',
        id: 'CVE-2022-0847',
        description: 'A flaw was found in the way pipes work: badly.',
        severity: 'high',
        cvss: [
          { source: 'nvd', version: '3.1', vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', score: 7.8 },
          { source: 'redhat', version: '3.0', vector: 'CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' },
        ],
        references: [{ url: 'https://ubuntu.com/security/CVE-2022-0847' }, { url: 'https://dirtypipe.cm4all.com/' }],
        published: '2022-03-10T17:44:00Z',
      },
      {
        kind: 'break-fix',
        vulnerabilityId: 'CVE-2022-0847',
        lines: [
          '- 9d2231c5d74e13b2a0546fee6737ee4446017903',
          '1da177e4c3f41524e886b7f1b8a0c1fc7321cac2 I(commit1|commit2)',
        ],
      },
    ]);
  });

  // biome-ignore format: a table
  const priorities = [
    // fields                                                              severity   what the row shows
    ['Priority: untriaged',                                                undefined, 'untriaged is none'],
    ['Priority: medium (wrong-syntax)',                                    'medium',  'the first word counts'],
    ['Priority: medium\nPriority_xen: low',                                'medium',  "another package's priority"],
    ['Priority: medium\nPriority_curl: low\n of the client only',          'low',     "the package's own priority"],
    ['Priority: medium\nPriority_curl: low\nPriority_curl_jammy: high',    'high',    'that of the package in the release'],
    ['Priority: medium\nPriority_curl: untriaged',                         undefined, 'not assigned for this package'],
  ] as const;
  for (const [fields, severity, shows] of priorities) {
    test(`${JSON.stringify(fields)}: ${shows}`, async () => {
      const [row] = await advisories(`${fields}\njammy_curl: needed`);
      expect(row?.severity).toBe(severity);
    });
  }

  test('lines that are no fields are problems, the rest stays', async () => {
    const { records, problems } = await parse(
      'Candidate: CVE-2017-15592\njammy_xen: needed\n-- Tags_xen: universe-binary\nno colon here',
    );
    expect(records).toHaveLength(2);
    expect(problems.map(({ message }) => message)).toEqual([
      'active/CVE-2023-38545: no field: "-- Tags_xen: universe-binary"',
      'active/CVE-2023-38545: no field: "no colon here"',
    ]);
  });

  test('a file without a candidate is malformed', async () => {
    await expect(parse('Candidate: \nPriority: low\n')).rejects.toMatchObject({ code: 'feed.malformed' });
    await expect(parse('<html><body>502</body></html>')).rejects.toMatchObject({ code: 'feed.malformed' });
  });
});

describe('uct: fetch', () => {
  const files = [
    'active/CVE-2023-1',
    'active/10autotriage.linux',
    'active/Makefile',
    'active/00boilerplate',
    'retired/CVE-2014-1',
    'ignored/CVE-2006-1',
  ];

  test('reads CVEs of active and retired, blobs that changed', async () => {
    const { fetched, asked } = await fetchAll({ held: { 'retired/CVE-2014-1': 'blob of retired/CVE-2014-1' } });
    expect(fetched).toEqual([
      ['unchanged', 'retired/CVE-2014-1'],
      ['document', 'active/CVE-2023-1', 'blob of active/CVE-2023-1'],
      ['document', 'active/10autotriage.linux', 'blob of active/10autotriage.linux'],
    ]);
    expect(asked).toEqual(['blob of active/CVE-2023-1', 'blob of active/10autotriage.linux']);
  });

  test('a blob that git has lost keeps what is held', async () => {
    const { fetched, problems } = await fetchAll({ lost: ['blob of active/CVE-2023-1'] });
    expect(fetched).toEqual([
      ['kept', 'active/CVE-2023-1'],
      ['document', 'active/10autotriage.linux', 'blob of active/10autotriage.linux'],
      ['document', 'retired/CVE-2014-1', 'blob of retired/CVE-2014-1'],
    ]);
    expect(problems).toHaveLength(1);
  });

  async function fetchAll({ held = {}, lost = [] }: { held?: Record<string, string>; lost?: string[] }) {
    const asked: string[] = [];
    const problems: Problem[] = [];
    const repository: GitRepository = {
      head: 'c0ffee',
      list: async (folder) =>
        files.filter((path) => path.startsWith(`${folder}/`)).map((path) => ({ path, revision: `blob of ${path}` })),
      async *read(revisions) {
        for (const revision of revisions) {
          asked.push(revision);
          yield lost.includes(revision) ? undefined : Buffer.from('Candidate: CVE-2023-1\n');
        }
      },
    };
    const previous: PreviousState = { revisionOf: (name) => held[name], documents: () => [], parts: () => [] };
    const context = {
      git: { open: async () => repository },
      http: { get: async () => undefined, listing: async () => [] },
      previous,
      problem: (problem: Problem) => problems.push(problem),
      now: () => new Date(0),
      settings: {},
      signal: new AbortController().signal,
    };
    const fetched = (await Array.fromAsync(uctUpdater.fetch(context))).map(summary);
    return { fetched, asked, problems };
  }

  function summary(fetched: Fetched): readonly string[] {
    if (fetched.kind === 'document') return [fetched.kind, fetched.document.name, fetched.document.revision];
    return fetched.kind === 'parts' ? [fetched.kind] : [fetched.kind, fetched.name];
  }
});

async function advisories(lines: string) {
  const { records, problems } = await parse(`Candidate: CVE-2023-38545\n${lines}\n`);
  expect(problems).toEqual([]);
  return records.filter((record) => record.kind === 'advisory');
}

async function parse(text: string): Promise<{ records: readonly FeedRecord[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const document = { name: 'active/CVE-2023-38545', revision: 'a1b2c3', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(uctUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  expect(parts).toMatchObject([{ part: 'active/CVE-2023-38545', revision: 'a1b2c3' }]);
  return { records: parts[0]!.records, problems };
}
