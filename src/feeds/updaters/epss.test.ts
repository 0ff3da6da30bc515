import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { epssUpdater } from './epss.ts';

async function parse(text: string) {
  const problems: Problem[] = [];
  const document = { name: 'epss_scores-current.csv', revision: 'r', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(epssUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, problems };
}

const generations = [
  // text                                                                                              date                            percentile  generation
  ['cve,epss\nCVE-2021-3156,0.97\n', 'r', undefined, 'early 2021: no comment, no percentiles'],
  [
    '#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\ncve,epss,percentile\nCVE-2021-3156,0.97,0.99\n',
    '2022-02-04T00:00:00+0000',
    0.99,
    '2022: +0000',
  ],
  [
    '#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z\r\ncve,epss,percentile\r\nCVE-2021-3156,0.97,0.99\r\n',
    '2026-01-30T12:55:00Z',
    0.99,
    'now: Z',
  ],
] as const;

describe('parse', () => {
  for (const [text, revision, percentile, generation] of generations) {
    test(`reads the form of ${generation}`, async () => {
      const record = { kind: 'epss', vulnerabilityId: 'CVE-2021-3156', score: 0.97, ...(percentile && { percentile }) };
      expect(await parse(text)).toEqual({ parts: [{ part: 'scores', revision, records: [record] }], problems: [] });
    });
  }

  test('rows that are no scores are problems, and the rest goes on', async () => {
    const rows = [
      'CVE-2021-3156,0.97,0.99',
      'CVE-2021-3157,1.5,0.99',
      'CVE-2021-3158,high,0.99',
      'CVE-2021-3159,0.1',
      'GHSA-1,0.1,0.2',
      'CVE-2021-3160,0,1',
    ];
    const { parts, problems } = await parse(`cve,epss,percentile\n${rows.join('\n')}\n`);
    expect(parts[0]?.records).toHaveLength(2);
    expect(problems).toHaveLength(4);
  });

  for (const text of ['', '#model_version:v1\n', 'id,score\n']) {
    test(`${JSON.stringify(text)} is no table of scores`, async () => {
      await expect(parse(text)).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});
