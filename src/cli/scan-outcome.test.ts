import { expect, test } from 'vitest';
import type { Ledger } from '../model/ledger.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { exitCodeOf } from './scan-outcome.ts';

const cases = [
  // components, clean  code  message                                                      what the row shows
  [{ components: 1, clean: 1 }, 0, '', 'one could be assessed'],
  [{ components: 1, clean: 0 }, 11, 'nothing could be assessed; the report says why', 'none could be assessed'],
  [{ components: 0, clean: 0 }, 11, 'nothing could be assessed: no packages were found in it', 'there is none'],
] as const;
test.each(cases)('%o: %i, %j, %s', (counts, code, message) => {
  const written: string[] = [];
  const ledger = { matched: 0, ...counts } as Ledger;
  const invocation = { options: {}, stderr: { write: (text: string) => written.push(text) } };
  expect(exitCodeOf({ ledger } as ScanReport, [], invocation as never)).toBe(code);
  expect(written.join('')).toBe(message === '' ? '' : `cvescan: ${message}\n`);
});
