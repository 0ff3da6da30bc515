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
  if (!installed.statements) return NO_ASSESSMENT;
  const byId = statementsById(installed.statements);
  const { id, aliases } = finding.vulnerability;
  const own = [...new Set([id, ...aliases])].flatMap((name) => byId.get(name) ?? []);
  if (own.length === 0) return NO_ASSESSMENT;
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

type Statements = readonly VulnerabilityStatement[];

const indexes = new WeakMap<Statements, ReadonlyMap<string, Statements>>();

/** Sorted once: a kernel has thousands of findings, and of statements. */
function statementsById(statements: Statements): ReadonlyMap<string, Statements> {
  const known = indexes.get(statements) ?? Map.groupBy(statements, ({ vulnerabilityId }) => vulnerabilityId);
  indexes.set(statements, known);
  return known;
}

function detailOf({ detail, reason, vulnerabilityId, source }: VulnerabilityStatement): string {
  return [reason, detail].filter((text) => text !== undefined).join(': ') || `${source} names ${vulnerabilityId}`;
}

function statementText({ vulnerabilityId, kind, reason, source }: VulnerabilityStatement): string {
  return `${source}: ${vulnerabilityId} ${kind}${reason === undefined ? '' : ` (${reason})`}`;
}
