import { assessFindings, type Opinions } from '../assessing/assess-findings.ts';
import type { AdvisorySource } from '../matching/advisory-source.ts';
import { type Matching, matchPackages } from '../matching/match-packages.ts';
import type { Confidence } from '../model/confidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ScanReport } from '../model/scan-report.ts';
import type { Scope } from '../model/scope.ts';
import { compareSeverity, type Severity } from '../model/severity.ts';
import type { SnapshotIdentity } from '../model/snapshot.ts';
import type { ExaminedKernels } from './examine-kernels.ts';
import { findingsOf, vulnerabilitiesOf } from './findings.ts';
import { ALL_SOURCES, describeBy, detectBy, type SourceChoice } from './source-choice.ts';
import { sourceProblems } from './source-problems.ts';

/** What is listed of the verdicts. None of it changes the ledger. */
export interface JudgeOptions {
  /** Judges whether a source still covers a release. */
  readonly now: Date;
  /** Also what publishers clear: `fixed` and `not_affected`; default false. */
  readonly allStatements?: boolean;
  /** The lowest severity that is listed; default all. */
  readonly minSeverity?: Severity;
  /** Only what a new version mends; default false. */
  readonly onlyFixed?: boolean;
  /** What people and VEX documents say; default nothing. */
  readonly opinions?: Opinions;
  /** The least confidence with which a CPE must name a package; default `exact`. */
  readonly minConfidence?: Confidence;
  /** Default all. */
  readonly sources?: SourceChoice;
  /** Sources that were read longer ago are a problem; default never. */
  readonly maxAgeMs?: number;
  /** For what the report is made. */
  readonly scope?: Scope;
  /** What is known of the kernels among the packages; default nothing. */
  readonly kernels?: ExaminedKernels;
}

/** An advisory database with its name. */
export type JudgingSource = AdvisorySource & SnapshotIdentity;

/** Inventory x advisories -> report: the second half of a scan, for whoever has the inventory already. */
export function judge(inventory: Inventory, source: JudgingSource, options: JudgeOptions): ScanReport {
  const { target, namespace, layers, packages, problems, repositoryCpes } = inventory;
  const { now, sources = ALL_SOURCES, maxAgeMs } = options;
  const detected = matchPackages(packages, detectBy(source, sources), {
    now,
    ...(repositoryCpes && { repositoryCpes }),
    ...(options.allStatements !== undefined && { allStatements: options.allStatements }),
    ...(options.minConfidence !== undefined && { minConfidence: options.minConfidence }),
  });
  const matching = describedBy(detected, sources);
  const used = sourceProblems(source, { packages, choice: sources, now, ...(maxAgeMs !== undefined && { maxAgeMs }) });
  const assessed = assessFindings(findingsOf(matching, layers), {
    inventory,
    vulnerabilities: matching.vulnerabilities,
    opinions: options.opinions ?? {},
    ...(options.kernels && { kernelVerdict: options.kernels.find }),
    now,
  });
  const findings = assessed.findings.filter((finding) => isListed(finding, options));
  return {
    target,
    snapshot: { id: source.id, sources: source.sources },
    ...(options.scope && { scope: options.scope }),
    ...(namespace !== undefined && { namespace }),
    ...(repositoryCpes?.length && { repositoryCpes }),
    layers,
    packages,
    vulnerabilities: vulnerabilitiesOf(findings, matching),
    findings,
    ledger: matching.ledger,
    ...(options.kernels?.kernels.length && { kernels: options.kernels.kernels }),
    problems: [...problems, ...used, ...(options.kernels?.problems ?? []), ...assessed.problems],
  };
}

function describedBy(matching: Matching, choice: SourceChoice): Matching {
  if (choice.consolidation === ALL_SOURCES.consolidation) return matching;
  const described = [...matching.vulnerabilities].map(([id, known]) => [id, describeBy(known, choice)] as const);
  return { ...matching, vulnerabilities: new Map(described) };
}

function isListed({ severity, fixedVersions }: Finding, { minSeverity, onlyFixed }: JudgeOptions): boolean {
  if (onlyFixed && fixedVersions.length === 0) return false;
  return minSeverity === undefined || compareSeverity(severity.word, minSeverity) >= 0;
}
