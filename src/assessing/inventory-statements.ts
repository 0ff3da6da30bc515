import type { Assessment, AssessmentStatus } from '../model/assessment.ts';
import type { StatementKind, VulnerabilityStatement } from '../model/vulnerability-statement.ts';
import { NO_ASSESSMENT, type Question } from './assessor.ts';

/**
 * Verdicts that rest on what the inventory itself says of a vulnerability in the package. An inventory that also says that the package
 * is affected contradicts itself: that is said, and is no evidence.
 */
export function assessmentsByInventory(
  { finding, installed }: Pick<Question, 'finding' | 'installed'>,
  kind: StatementKind,
  status: AssessmentStatus,
): readonly Assessment[] {
  const { statements } = installed;
  if (!statements?.some((statement) => statement.kind === kind)) return NO_ASSESSMENT;
  const { id, aliases } = finding.vulnerability;
  const own = statements.filter(({ vulnerabilityId }) => vulnerabilityId === id || aliases.includes(vulnerabilityId));
  const isContradicted = own.some((statement) => statement.kind === 'affected');
  return own
    .filter((statement) => statement.kind === kind)
    .map((statement) => ({
      status,
      source: statement.source,
      detail: isContradicted
        ? `${detailOf(statement)}; it also says that the package is affected`
        : detailOf(statement),
      evidence: isContradicted ? {} : { statements: [statementText(statement)] },
    }));
}

function detailOf({ detail, reason, vulnerabilityId, source }: VulnerabilityStatement): string {
  return [reason, detail].filter((text) => text !== undefined).join(': ') || `${source} names ${vulnerabilityId}`;
}

function statementText({ vulnerabilityId, kind, reason, source }: VulnerabilityStatement): string {
  return `${source}: ${vulnerabilityId} ${kind}${reason === undefined ? '' : ` (${reason})`}`;
}
