import type { Annotation } from '../../model/annotation.ts';
import type { Finding } from '../../model/finding.ts';
import type { Package } from '../../model/package.ts';
import type { ReportedVulnerability } from '../../model/scan-report.ts';
import { isConcern } from '../../model/status.ts';
import { TOOL } from '../document-identity.ts';
import { jsonPieces } from '../json-pieces.ts';
import { recipeOf } from '../recipe.ts';
import { findingOf, packageOf, vulnerabilityOf } from '../report-members.ts';
import type { CvescanReport } from './cvescan-report.ts';

/** Raised in its first number when a reader of the former shape could no longer read the new one. */
const CVESCAN_REPORT_VERSION = '1.0.0';

/**
 * CVEScan's report as pieces of JSON, one element of a list a line.
 *
 * Its shape is documented in docs/reference/cvescan-report.md and docs/reference/cvescan-report.schema.json.
 */
export function writeCvescanReport({ report, generatedAt, runs }: CvescanReport): Iterable<string> {
  const { target, snapshot, scope, namespace, repositoryCpes, layers, packages, findings, ledger, kernels, problems } =
    report;
  const flaws = new Map(report.vulnerabilities.map((item) => [item.id, item]));
  return jsonPieces({
    version: CVESCAN_REPORT_VERSION,
    metadata: {
      name: target.name,
      generated_at: generatedAt,
      generator: TOOL,
      package_count: packages.length,
      scan: { target, snapshot, namespace, repositoryCpes, layers, ledger, kernels, problems },
    },
    scope,
    runtimes: runs,
    packages: packages.values().map(statedPackage),
    vulnerabilities: findings
      .values()
      .map((finding) => statedVulnerability(finding, flaws.get(finding.vulnerability.id))),
  });
}

function statedPackage(item: Package) {
  return { ...packageOf(item), ...recipeOf(item) };
}

function statedVulnerability(finding: Finding, flaw: ReportedVulnerability | undefined) {
  const { vulnerability, packageId, status, automaticStatus = status, assessments = [], annotation } = finding;
  const { vulnerability: _, packageId: __, assessments: ___, annotation: ____, ...own } = findingOf(finding);
  return {
    ...(flaw ? vulnerabilityOf(flaw) : vulnerability),
    package: packageId,
    vulnerable: isConcern(status),
    automatic_vulnerable: isConcern(automaticStatus),
    automatic_assessments: assessments,
    annotation: annotation && statedAnnotation(annotation),
    finding: own,
  };
}

function statedAnnotation({ scope, status, isVulnerable, isOutdated, isLegacy, log }: Annotation) {
  return {
    scope,
    last_status: status,
    last_vulnerable: isVulnerable,
    outdated: isOutdated,
    legacy: isLegacy,
    logs: log.map(({ at, from, to, changesVulnerable, comment }) => ({
      timestamp: at,
      status_change: { from, to },
      vulnerable_change: changesVulnerable,
      comment,
    })),
  };
}
