import type { ReportedVulnerability } from '../model/scan-report.ts';
import type { Severity } from '../model/severity.ts';

/** How bad it would be, from 0 to 1. An unknown severity may be anything, so it lies in the middle. */
const IMPACT: Readonly<Record<Severity, number>> = {
  unknown: 0.4,
  negligible: 0.05,
  low: 0.25,
  medium: 0.5,
  high: 0.75,
  critical: 1,
};

/** How likely it is to be used where nobody has forecast it: below most forecasts, above none. */
const LIKELIHOOD_WITHOUT_FORECAST = 0.0001;

/**
 * How urgent a finding is, from 0 to 1: its severity times the likelihood that somebody uses the flaw. What is on CISA's list is
 * used already. Only for sorting: its value has no meaning of its own.
 */
export function riskOf(severity: Severity, { epss, kev }: Pick<ReportedVulnerability, 'epss' | 'kev'>): number {
  return IMPACT[severity] * (kev ? 1 : (epss?.score ?? LIKELIHOOD_WITHOUT_FORECAST));
}
