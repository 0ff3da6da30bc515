import { ScannerError } from '../model/errors.ts';
import type { Finding } from '../model/finding.ts';
import type { Ledger } from '../model/ledger.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { compareSeverity, SEVERITIES, type Severity } from '../model/severity.ts';

/** What makes a scan fail, as `--fail-on` states it. */
export interface Gate {
  /** As the user wrote it. */
  readonly text: string;
  /** How many findings (or components not assessed) cross it. */
  count(report: ScanReport): number;
}

/** The words of `--fail-on`, for help and errors. */
export const GATE_WORDS = 'low|medium|high|critical|kev|epss>=N|not-assessed';

const GATE_SEVERITIES: readonly string[] = SEVERITIES.slice(SEVERITIES.indexOf('low'));

/** @throws ScannerError `usage.invalid`. */
export function parseGate(text: string): Gate {
  if (GATE_SEVERITIES.includes(text)) {
    const lowest = text as Severity;
    return { text, count: counting(({ severity }) => compareSeverity(severity.word, lowest) >= 0) };
  }
  if (text === 'not-assessed') return { text, count: ({ ledger }) => notAssessedCount(ledger) };
  if (text === 'kev') return { text, count: countingVulnerable(({ kev }) => kev !== undefined) };

  const bound = /^epss>=(0?\.\d+|[01](?:\.0+)?)$/.exec(text)?.[1];
  if (bound !== undefined)
    return { text, count: countingVulnerable(({ epss }) => epss !== undefined && epss.score >= +bound) };
  throw new ScannerError('usage.invalid', `--fail-on ${text}: it is one of ${GATE_WORDS}, N from 0 to 1`);
}

/** Components that nobody could assess; what was left out on purpose is not among them. */
function notAssessedCount({ noFeed, noVersion, unknownNamespace, unreadableVersion }: Ledger): number {
  return noFeed + noVersion + unknownNamespace + unreadableVersion;
}

function counting(crosses: (finding: Finding) => boolean): Gate['count'] {
  return ({ findings }) =>
    findings.filter((finding) => finding.status === 'affected' && !finding.ignored && crosses(finding)).length;
}

function countingVulnerable(crosses: (vulnerability: ScanReport['vulnerabilities'][number]) => boolean): Gate['count'] {
  return (report) => {
    const ids = new Set(report.vulnerabilities.filter(crosses).map(({ id }) => id));
    return counting(({ vulnerability }) => ids.has(vulnerability.id))(report);
  };
}
