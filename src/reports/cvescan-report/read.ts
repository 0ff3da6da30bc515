import { hash } from 'node:crypto';
import { ANY, formatCpe, wordOfText } from '../../documents/cpe.ts';
import type { Annotation } from '../../model/annotation.ts';
import { ASSESSMENT_STATUSES, type Assessment } from '../../model/assessment.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Finding } from '../../model/finding.ts';
import { LEDGER_CLASSES, type Ledger, type LedgerClass } from '../../model/ledger.ts';
import type { Package } from '../../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../../model/scan-report.ts';
import { vulnerabilityOf } from '../report-members.ts';
import type { CvescanReport } from './cvescan-report.ts';
import type { StatedReport } from './schema.ts';

type StatedVulnerability = StatedReport['vulnerabilities'][number];
type StatedAssessment = NonNullable<StatedVulnerability['automatic_assessments']>[number];
type StatedAnnotation = NonNullable<StatedVulnerability['annotation']>;
type StatedPackage = StatedReport['packages'][number];

/** Of packages and findings of which a report says no more than the documented. */
const UNSTATED = 'generic';

/** The report of a document that has the shape of CVEScan's; what only other programs' reports leave out is filled in as unknown. */
export function cvescanReportOf(stated: StatedReport): CvescanReport {
  const { metadata = {}, scope, runtimes } = stated;
  const packages = stated.packages.map(packageOf);
  const byId = new Map(packages.map((item) => [item.id, item]));
  const findings = stated.vulnerabilities.map((item) => findingOf(item, byId));
  const scan = metadata.scan;
  const report = {
    target: scan?.target ?? { kind: 'sbom', name: metadata.name ?? '' },
    snapshot: scan?.snapshot ?? { id: '', sources: [] },
    ...(scope && { scope }),
    ...(scan?.namespace !== undefined && { namespace: scan.namespace }),
    ...(scan?.repositoryCpes && { repositoryCpes: scan.repositoryCpes }),
    layers: scan?.layers ?? [],
    packages,
    vulnerabilities: flawsOf(stated.vulnerabilities),
    findings,
    ledger: scan?.ledger ?? unknownLedger(packages, findings),
    ...(scan?.kernels && { kernels: scan.kernels }),
    problems: scan?.problems ?? [],
  } as ScanReport;
  return {
    report,
    runs: runtimes as CvescanReport['runs'],
    ...(metadata.generated_at !== undefined && { generatedAt: metadata.generated_at }),
  };
}

function packageOf(stated: StatedPackage): Package {
  const { bpn, pv, cve_product, cve_version, cve_whitelist, patched_cves, runtime, src_uri, config, ...own } = stated;
  return {
    ...{
      name: bpn ?? own.id,
      version: cve_version ?? pv ?? '',
      versionScheme: UNSTATED,
      type: UNSTATED,
      locations: [],
    },
    ...own,
    ...(config && { kernelConfig: config }),
    // Ours names CPEs itself.
    ...(cve_product &&
      own.versionScheme === undefined && {
        cpes: cve_product.map((product) => productCpe(product, cve_version ?? pv)),
      }),
  } as Package;
}

/** Of `product` or `vendor:product`. */
function productCpe(stated: string, version: string | undefined): string {
  const [first, second] = stated.split(':').map(wordOfText);
  const [vendor, product] = second === undefined ? [ANY, first ?? ANY] : [first ?? ANY, second];
  const rest = { update: ANY, edition: ANY, language: ANY, swEdition: ANY, targetSw: ANY, targetHw: ANY, other: ANY };
  return formatCpe({ part: ANY, vendor, product, version: version ? wordOfText(version) : ANY, ...rest });
}

function findingOf(stated: StatedVulnerability, packages: ReadonlyMap<string, Package>): Finding {
  const { id, aliases = [], package: packageId = '', vulnerable, automatic_vulnerable, finding } = stated;
  const assessments = (stated.automatic_assessments ?? []).map(assessmentOf);
  const annotation = stated.annotation && annotationOf(stated.annotation);
  const status = vulnerable ? 'affected' : 'not_affected';
  const automaticStatus = (automatic_vulnerable ?? vulnerable) ? 'affected' : 'not_affected';
  return {
    ...(finding ?? unstatedFinding(stated, packages.get(packageId))),
    ...(!finding && { status, ...(annotation && { automaticStatus }) }),
    vulnerability: { id, aliases },
    packageId,
    ...(assessments.length > 0 && { assessments }),
    ...(annotation && { annotation }),
  } as Finding;
}

/** What every finding has, for one of which only the documented is said. */
function unstatedFinding({ id, package: packageId = '', severity }: StatedVulnerability, item: Package | undefined) {
  const identity = hash('sha256', JSON.stringify([id, packageId])).slice(0, 32);
  const { name = packageId, version = '', locations = [] } = item ?? {};
  const source = 'report';
  return {
    ...{ fingerprint: identity, issueKey: identity, fixState: 'unknown', fixedVersions: [] },
    severity: { word: severity ?? 'unknown', source },
    proof: {
      package: { name, version, versionScheme: item?.versionScheme ?? UNSTATED, namespace: UNSTATED, locations },
      identity: { by: 'name', name, version },
      advisory: {
        ...{ source, advisoryId: id, vulnerabilityId: id, part: '', revision: '' },
        ...{ status: 'under_investigation', fixState: 'unknown', affected: [] },
      },
      comparison: {
        scheme: UNSTATED,
        version,
        outcome: 'undecided',
        reason: 'the report does not say how it was decided',
      },
    },
  } as const;
}

function assessmentOf({ status, source = 'report', detail = '', evidence = {} }: StatedAssessment): Assessment {
  const known = ASSESSMENT_STATUSES.find((word) => word === status.toLowerCase());
  if (!known) throw new ScannerError('report.malformed', `there is no automatic assessment ${JSON.stringify(status)}`);
  return { status: known, source, detail, evidence };
}

function annotationOf({ scope, last_status, last_vulnerable, outdated, legacy, logs }: StatedAnnotation): Annotation {
  return {
    ...{ status: last_status, isVulnerable: last_vulnerable },
    ...(scope !== undefined && { scope }),
    ...(outdated && { isOutdated: true }),
    ...((legacy ?? logs.length === 0) && { isLegacy: true }),
    log: logs.map(({ timestamp: at, comment, status_change: { from, to } = {}, vulnerable_change: changes }) => ({
      ...{ at, comment },
      ...(from && { from }),
      ...(to && { to }),
      ...(changes !== undefined && { changesVulnerable: changes }),
    })),
  };
}

/** Each flaw once, sorted by id. */
function flawsOf(stated: readonly StatedVulnerability[]): readonly ReportedVulnerability[] {
  const flaws = new Map<string, ReportedVulnerability>();
  for (const { finding, ...flaw } of stated) {
    if (flaws.has(flaw.id)) continue;
    const severity = flaw.severity ?? finding?.severity.word ?? 'unknown';
    const { aliases = [], cvss = [], cwes = [], references = [] } = flaw;
    const complete = { ...flaw, aliases, severity, cvss, cwes, references } as ReportedVulnerability;
    flaws.set(flaw.id, vulnerabilityOf(complete) as ReportedVulnerability);
  }
  return [...flaws.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Of a report that does not say how its packages were assessed. */
function unknownLedger(packages: readonly Package[], findings: readonly Finding[]): Ledger {
  const found = new Set(findings.map(({ packageId }) => packageId));
  const unknown = packages.filter(({ id }) => !found.has(id));
  const counts = Object.fromEntries(LEDGER_CLASSES.map((name) => [name, 0])) as Record<LedgerClass, number>;
  const reason = 'the report does not say how it was assessed';
  return {
    ...{ ...counts, components: packages.length, matched: packages.length - unknown.length, noFeed: unknown.length },
    notAssessed: unknown.map(({ id }) => ({ packageId: id, class: 'noFeed', reason })),
  };
}
