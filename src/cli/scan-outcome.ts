import type { ScanReport } from '../model/scan-report.ts';
import type { Gate } from '../scan/gate.ts';
import { staleSources } from '../scan/staleness.ts';
import type { Invocation } from './command.ts';

/** Says which sources were read too long ago. @returns whether there are some. */
export function warnOfAge(report: ScanReport, maxAgeMs: number, { now, stderr, options }: Invocation): boolean {
  const stale = staleSources(report.snapshot, now(), maxAgeMs);
  if (stale.length > 0 && (!options.quiet || options.strict)) {
    const oldest = stale.map(({ name, updatedAt }) => `${name} on ${updatedAt.slice(0, 10)}`).join(', ');
    stderr.write(`cvescan: the advisory database is old, last read: ${oldest}; run cvescan datasources-update\n`);
  }
  return stale.length > 0;
}

/**
 * The exit code of a scan. Gate before "nothing could be assessed": what was found counts, however little was looked at.
 */
export function exitCodeOf(
  { ledger, ...report }: ScanReport,
  gates: readonly Gate[],
  { stderr, options }: Invocation,
): number {
  const crossed = gates
    .map(({ text, count }) => ({ text, count: count({ ledger, ...report }) }))
    .filter(({ count }) => count > 0);
  if (crossed.length > 0) {
    const reasons = crossed.map(({ text, count }) => `${text} (${count})`).join(', ');
    if (!options.quiet) stderr.write(`cvescan: the gate is closed by: ${reasons}\n`);
    return 10;
  }
  if (ledger.matched + ledger.clean > 0) return 0;
  const why = ledger.components > 0 ? '; the report says why' : ': no packages were found in it';
  if (!options.quiet) stderr.write(`cvescan: nothing could be assessed${why}\n`);
  return 11;
}
