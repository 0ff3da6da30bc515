import type { Annotation } from './annotation.ts';
import type { Assessment, AssessmentStatus } from './assessment.ts';
import { isConcern, type Status } from './status.ts';
import type { VexStatement } from './vex-statement.ts';

/** What is said of a match, beside the advisories. */
export interface Verdicts {
  readonly assessments?: readonly Assessment[];
  readonly vex?: readonly VexStatement[];
  readonly annotation?: Annotation;
}

/** What a match and all that is said of it come to. */
export interface DecidedStatus {
  readonly status: Status;
  /** Without the person's verdict. */
  readonly automatic: Status;
  /** A sentence, where authors say things that cannot both be so: then nothing is cleared. */
  readonly contradiction?: string;
}

/** What an automatic verdict makes of a match; `patch available` changes nothing. */
const CLEARED_AS: Readonly<Record<AssessmentStatus, Status | undefined>> = {
  'version mismatch': 'not_affected',
  rejected: 'not_affected',
  'package whitelisted': 'not_affected',
  'package patched': 'fixed',
  'patch applied': 'fixed',
  'patch available': undefined,
  'code removed': 'not_affected',
  'safe config': 'not_affected',
};

/**
 * The status of a finding: what the advisories say, unless an automatic verdict with evidence or a VEX statement clears it; a person's
 * verdict that is up to date has the last word. Where VEX authors contradict each other, or the evidence, the match stands.
 */
export function decideStatus(matched: Status, { assessments = [], vex = [], annotation }: Verdicts): DecidedStatus {
  const { automatic, contradiction } = isConcern(matched)
    ? automaticStatus(matched, assessments.flatMap(clearedAs), vex)
    : { automatic: matched, contradiction: undefined };
  return {
    status: annotation && !annotation.isOutdated ? statusOfAnnotation(annotation) : automatic,
    automatic,
    ...(contradiction !== undefined && { contradiction }),
  };
}

interface Automatic {
  readonly automatic: Status;
  readonly contradiction: string | undefined;
}

function automaticStatus(matched: Status, cleared: readonly Status[], vex: readonly VexStatement[]): Automatic {
  const affecting = vex.filter(({ status }) => status === 'affected');
  const clearing = vex.filter(({ status }) => !isConcern(status));
  if (affecting.length > 0 && (clearing.length > 0 || cleared.length > 0)) {
    const other =
      clearing.length > 0 ? `${authorsOf(clearing)} that it is not` : 'the evidence of this scan is that not';
    return { automatic: matched, contradiction: `${authorsOf(affecting)} says that it is affected, ${other}` };
  }
  const automatic = strongest([...cleared, ...clearing.map(({ status }) => status)]);
  return { automatic: automatic ?? affecting[0]?.status ?? matched, contradiction: undefined };
}

/** That the fix is there says more than that nobody is affected. */
function strongest(statuses: readonly Status[]): Status | undefined {
  return statuses.includes('fixed') ? 'fixed' : statuses[0];
}

function clearedAs({ status, evidence }: Assessment): readonly Status[] {
  const cleared = CLEARED_AS[status];
  return cleared !== undefined && Object.values(evidence).some((items) => items.length > 0) ? [cleared] : [];
}

function statusOfAnnotation({ status, isVulnerable }: Annotation): Status {
  if (isVulnerable) return 'affected';
  return status === 'patched' ? 'fixed' : 'not_affected';
}

function authorsOf(statements: readonly VexStatement[]): string {
  return [...new Set(statements.map(({ author }) => author))].join(' and ');
}
