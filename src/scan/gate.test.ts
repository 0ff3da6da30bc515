import { describe, expect, test } from 'vitest';
import { sampleReport } from '../../test/sample-report.ts';
import { parseGate } from './gate.ts';

describe('parseGate', () => {
  for (const [text, count, shows] of [
    ['critical', 4, 'a severity, of what is affected'],
    ['high', 6, 'that severity and above, what is investigated is not counted'],
    ['low', 6, 'negligible is below low'],
    ['kev', 0, 'exploited, but only investigated here'],
    ['epss>=0.0412', 2, 'at the likelihood'],
    ['epss>=0.05', 0, 'above it'],
    ['epss>=.01', 2, 'a number without a zero'],
    ['not-assessed', 1, 'components nobody could assess'],
  ] as const) {
    test(`${text}: ${shows}`, () => expect(parseGate(text).count(sampleReport())).toBe(count));
  }

  for (const text of ['', 'severe', 'unknown', 'negligible', 'epss>=', 'epss>=1.5', 'epss>0.5', 'epss>=1e-3', 'HIGH']) {
    test(`${JSON.stringify(text)} is refused`, () =>
      expect(() => parseGate(text)).toThrow('low|medium|high|critical|kev|epss>=N|not-assessed'));
  }

  test('what a list leaves out is not counted', () =>
    expect(parseGate('high').count(sampleReport({ onlyFixed: true }))).toBe(5));

  test('what is kept out of matching is no gap', () => {
    const report = sampleReport();
    expect(
      parseGate('not-assessed').count({ ...report, ledger: { ...report.ledger, noVersion: 0, filtered: 5 } }),
    ).toBe(0);
  });
});
