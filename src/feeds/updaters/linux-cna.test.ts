import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { readDyad } from '../schemas/linux-cna.ts';
import type { GitRepository } from '../updater.ts';
import { linuxCnaUpdater } from './linux-cna.ts';

const [A, B, C, D] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [string, string, string, string];

describe('dyad', () => {
  // biome-ignore format: a table
  const cases = [
    // lines                                             groups                                                                                     what the row shows
    [`5.4:${A}:5.10.3:${B}\n5.4:${A}:5.11:${C}`,         [{ break: { version: '5.4', commit: A }, fixes: [{ version: '5.10.3', commit: B }, { version: '5.11', commit: C }] }], 'a group of one break'],
    [`5.4:${A}:5.11:${C}\n5.3.7:${B}:5.3.9:${D}`,        [{ break: { version: '5.4', commit: A }, fixes: [{ version: '5.11', commit: C }] }, { break: { version: '5.3.7', commit: B }, fixes: [{ version: '5.3.9', commit: D }] }], 'a backported break is a group of its own'],
    [`0:0:5.11:${C}`,                                    [{ fixes: [{ version: '5.11', commit: C }] }],                                             'since ever'],
    [`5.3.7:${B}:0:0`,                                   [{ break: { version: '5.3.7', commit: B }, fixes: [] }],                                   'no fix on that branch'],
    [`6.5-rc3:${B}:6.5:${C}`,                            [{ break: { version: '6.5-rc3', commit: B }, fixes: [{ version: '6.5', commit: C }] }],    'a release candidate'],
    [`# dyad version: 1.2.0\n\n0:0:0:${C}\n`,            [{ fixes: [{ commit: C }] }],                                                              'comments; a version that nobody knows'],
  ] as const;
  for (const [lines, groups, shows] of cases) test(shows, () => expect(readDyad(lines)).toEqual(groups));

  for (const line of ['5.4', `5.4:${A}:5.11`, `5.4:${A}:5.11:xyz`, `5.4:${A}:5.11:${B}:6`, `5.4:${A}:5.11:${B}x`]) {
    test(`${line} leaves nothing to conclude from`, () =>
      expect(readDyad(`5.4:${A}:5.11:${C}\n${line}`)).toBeUndefined());
  }
});

describe('parse', () => {
  const cna = {
    title: 'fix a hole',
    descriptions: [{ lang: 'en', value: 'Once upon a time.' }],
    affected: [
      { programFiles: ['net/b.c', 'net/a.c'] },
      { programFiles: ['net/a.c'], versions: [{ version: '5.4', status: 'affected' }] },
    ],
    metrics: [{ cvssV3_1: { version: '3.1', vectorString: 'CVSS:3.1/AV:L', baseScore: 5.5 } }],
    references: [{ url: `https://git.kernel.org/stable/c/${B}` }, { url: 'https://example.org/a' }],
    cpeApplicability: [
      {
        nodes: [
          {
            operator: 'OR',
            negate: false,
            cpeMatch: [
              {
                vulnerable: true,
                criteria: 'cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*',
                versionEndExcluding: '5.11',
              },
            ],
          },
        ],
      },
    ],
  };
  const record = (id = 'CVE-2024-1000', container: object = cna): string =>
    JSON.stringify({ cveMetadata: { cveId: id, state: 'PUBLISHED' }, containers: { cna: container } });
  const texts = { json: record(), dyad: `5.4:${A}:5.11:${B}\n`, sha1: `${B}\n` };

  async function parse(files: object, name = 'cve/published/2024/CVE-2024-1000') {
    const problems: Problem[] = [];
    const document = { name, revision: 'r', body: memoryBody(Buffer.from(JSON.stringify(files))) };
    const context = { problem: (problem: Problem) => problems.push(problem) };
    const parts = await Array.fromAsync(linuxCnaUpdater.parse(document, context));
    return { parts, problems };
  }

  test('gives the facts, the text and what products it names', async () => {
    const { parts, problems } = await parse(texts);
    expect(problems).toEqual([]);
    expect(parts).toMatchObject([
      {
        part: 'CVE-2024-1000',
        records: [
          {
            kind: 'kernel',
            title: 'fix a hole',
            groups: [{ break: { version: '5.4', commit: A }, fixes: [{ version: '5.11', commit: B }] }],
            mainlineFixes: [B],
            files: ['net/a.c', 'net/b.c'],
          },
          {
            kind: 'vulnerability',
            summary: 'fix a hole',
            description: 'Once upon a time.',
            cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:L', score: 5.5, source: 'linux_cna' }],
            references: [{ url: 'https://example.org/a' }],
          },
          { kind: 'cpe', configurations: [{ nodes: [{ criteria: [{ versionEndExcluding: '5.11' }] }] }] },
        ],
      },
    ]);
  });

  test('the folder says that a CVE is rejected, whatever its record says', async () => {
    const { parts } = await parse(texts, 'cve/rejected/2024/CVE-2024-1000');
    expect(parts[0]?.records).toMatchObject([{ kind: 'kernel', isRejected: true }, { withdrawn: '2024' }]);
    expect(parts[0]?.records).toHaveLength(2);
  });

  test('a dyad that cannot be read leaves no group, and is told', async () => {
    const { parts, problems } = await parse({ ...texts, dyad: '5.4:x' });
    expect(parts[0]?.records[0]).toMatchObject({ groups: [], files: ['net/a.c', 'net/b.c'] });
    expect(problems).toMatchObject([{ code: 'updater.incomplete-entry' }]);
  });

  for (const json of ['', '<html></html>', '{}', record('CVE-2024-2'), record('CVE-2024-1000', {})]) {
    test(`${JSON.stringify(json.slice(0, 50))} is no record of it`, async () => {
      await expect(parse({ ...texts, json })).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});

describe('fetch', () => {
  const paths = [
    'published/2024/CVE-2024-1000.dyad',
    'published/2024/CVE-2024-1000.json',
    'rejected/2021/CVE-2021-1000.json',
  ];

  async function fetchAll({ held, lost }: { held?: string; lost?: string } = {}) {
    const problems: Problem[] = [];
    const repository: GitRepository = {
      head: A,
      list: async (folder) =>
        paths
          .map((path) => ({ path: `cve/${path}`, revision: `${path.length}${A}` }))
          .filter(({ path }) => path.startsWith(`${folder}/`)),
      async *read(revisions) {
        for (const revision of revisions)
          yield revision === lost ? undefined : Buffer.from(`text of ${revision.slice(0, 2)}`);
      },
    };
    const context = {
      git: { open: async () => repository },
      previous: { revisionOf: (name: string) => (name.includes('rejected') ? held : undefined) },
      problem: (problem: Problem) => problems.push(problem),
    };
    const fetched = await Array.fromAsync(linuxCnaUpdater.fetch(context as never));
    return { problems, fetched };
  }

  test('a document holds the files of a CVE', async () => {
    const { fetched } = await fetchAll();
    expect(fetched).toMatchObject([
      { document: { name: 'cve/published/2024/CVE-2024-1000' } },
      { document: { name: 'cve/rejected/2021/CVE-2021-1000' } },
    ]);
    expect(fetched[0]?.kind === 'document' && (await fetched[0].document.body.text())).toBe(
      '{"json":"text of 33","dyad":"text of 33"}',
    );
  });

  test('what did not change is not read', async () => {
    const { fetched } = await fetchAll({ held: `json:32${A.slice(0, 14)}` });
    expect(fetched.map(({ kind }) => kind)).toEqual(['unchanged', 'document']);
  });

  test('of a CVE whose blob git has lost, what is held stays', async () => {
    const { fetched, problems } = await fetchAll({ lost: `32${A}` });
    expect(fetched.map(({ kind }) => kind)).toEqual(['document', 'kept']);
    expect(problems).toHaveLength(1);
  });
});
