import { expect, test } from 'vitest';
import { loadCvssScorer } from '../documents/cvss.ts';
import type { FeedRecord } from '../feeds/record.ts';
import { scoreRecord } from './score-record.ts';

const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const scoreOf = await loadCvssScorer();

for (const [shows, stated, score] of [
  ['a vector without a score gets the one that follows from it', { vector }, 9.8],
  ['a published score stays, whatever the vector says', { vector, score: 4.2 }, 4.2],
  ['what is no vector gets none', { vector: 'x' }, undefined],
] as const) {
  test(shows, () => {
    const cvss = { version: '3.1', source: 'osv', ...stated };
    const scored = scoreRecord({ id: 'CVE-2024-5535', cvss: [cvss] }, scoreOf);
    expect(scored).toEqual({ id: 'CVE-2024-5535', cvss: [{ ...cvss, ...(score !== undefined && { score }) }] });
  });
}

test('a record without vectors is left as it is', () => {
  const record: FeedRecord = { kind: 'vulnerability', id: 'CVE-2024-5535' };
  expect(scoreRecord(record, scoreOf)).toBe(record);
});
