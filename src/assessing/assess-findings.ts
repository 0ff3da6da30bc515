import type { Assessment } from '../model/assessment.ts';
import { changeFinding, type Finding } from '../model/finding.ts';
import { decideStatus } from '../model/finding-status.ts';
import type { Inventory } from '../model/inventory.ts';
import type { KernelVerdict } from '../model/kernel-verdict.ts';
import type { Package } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import type { VexStatement } from '../model/vex-statement.ts';
import type { Vulnerability } from '../model/vulnerability.ts';
import type { Annotations } from './annotations.ts';
import { applyIgnoreRules, type IgnoreRule } from './apply-ignore-rules.ts';
import { NO_ASSESSMENT, type Question } from './assessor.ts';
import { assessors } from './assessors/registry.ts';
import type { FindStatements, VexTarget } from './vex/find-statements.ts';

/** What people and VEX documents say, read. Who reads them is loaded only where there are some. */
export interface Opinions {
  readonly annotations?: Annotations;
  readonly vex?: VexOpinions;
  readonly ignoreRules?: readonly IgnoreRule[];
}

/** What VEX documents say. */
export interface VexOpinions {
  readonly statementsOn: (target: VexTarget) => FindStatements;
  /** What in the documents cannot be honoured. */
  readonly problems: readonly Problem[];
}

/** The verdict on a vulnerability, under any of its ids, in a package that is a kernel. */
export type FindKernelVerdict = (ids: readonly string[], installed: Package) => KernelVerdict | undefined;

/** What findings are assessed with. */
export interface AssessOptions {
  readonly inventory: Pick<Inventory, 'target' | 'repositoryCpes' | 'packages'>;
  /** By canonical id. */
  readonly vulnerabilities: ReadonlyMap<string, Vulnerability>;
  readonly opinions: Opinions;
  /** What is known of the kernels among the packages; default nothing. */
  readonly kernelVerdict?: FindKernelVerdict;
  /** Judges whether ignore rules still count. */
  readonly now: Date;
}

/** Findings with all that is said of them, and what in these sayings cannot be honoured. */
export interface AssessedFindings {
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
}

/** Matches -> findings as they stand: automatic verdicts, VEX statements, annotations, ignore rules. In the order of the matches. */
export function assessFindings(
  matched: readonly Finding[],
  { inventory, vulnerabilities, opinions, kernelVerdict, now }: AssessOptions,
): AssessedFindings {
  const { annotations, vex, ignoreRules = [] } = opinions;
  const packages = new Map(inventory.packages.map((item) => [item.id, item]));
  const statementsOn = vex?.statementsOn(inventory);
  const findings = matched.map((finding) => {
    const installed = packages.get(finding.packageId);
    if (!installed) return finding;
    const records = vulnerabilities.get(finding.vulnerability.id)?.records ?? [];
    const { id, aliases } = finding.vulnerability;
    const kernel = kernelVerdict?.([id, ...aliases], installed);
    const question = { finding, installed, records, ...(kernel && { kernel }) };
    return assessFinding(question, { finding, statementsOn, annotations });
  });
  const ignoring = applyIgnoreRules(findings, ignoreRules, { packages, now });
  return {
    findings: ignoring.findings,
    problems: [...(annotations?.problems ?? []), ...(vex?.problems ?? []), ...ignoring.problems],
  };
}

interface Sayings {
  readonly finding: Finding;
  /** Absent where nobody says anything. */
  readonly statementsOn: FindStatements | undefined;
  readonly annotations: Annotations | undefined;
}

const NO_STATEMENTS: readonly VexStatement[] = [];

function assessFinding(question: Question, { finding, statementsOn, annotations }: Sayings): Finding {
  const { id, aliases } = finding.vulnerability;
  const assessments = assessmentsOf(question);
  const vex = statementsOn?.([id, ...aliases], question.installed) ?? NO_STATEMENTS;
  const annotation = annotations?.find([id, ...aliases]);
  if (assessments.length === 0 && vex.length === 0 && !annotation) return finding;
  const verdicts = {
    ...(assessments.length > 0 && { assessments }),
    ...(vex.length > 0 && { vex }),
    ...(annotation && { annotation }),
  };
  const { status, automatic, contradiction } = decideStatus(finding.status, verdicts);
  return changeFinding(finding, {
    status,
    ...verdicts,
    ...(contradiction !== undefined && { contradiction }),
    ...(annotation && { automaticStatus: automatic }),
  });
}

/** Mostly none: then nothing is made for it. */
function assessmentsOf(question: Question): readonly Assessment[] {
  let found = NO_ASSESSMENT;
  for (const assessor of assessors) {
    const said = assessor.assess(question);
    if (said.length > 0) found = found.length > 0 ? [...found, ...said] : said;
  }
  return found;
}
