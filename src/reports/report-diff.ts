import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { isOpen } from './finding-rows.ts';

/**
 * Why a finding is not what it was: the package is another version, came or went; or the same package is judged by another advisory
 * database; or neither, so that it is told otherwise: by assessments, VEX, annotations, ignore rules, options.
 */
export type DiffCause = 'contents' | 'knowledge' | 'opinions';

/** What may have changed of an open finding. */
type DiffField = 'vulnerability' | 'version' | 'status' | 'severity' | 'fixed versions';

/** A field of an open finding that is not what it was. */
export interface FieldChange {
  readonly field: DiffField;
  readonly before: string;
  readonly after: string;
}

/** A finding that is not what it was. At least one of the two is there. */
export interface FindingChange {
  readonly cause: DiffCause;
  readonly before?: Finding;
  readonly after?: Finding;
  /** Of a changed one. */
  readonly fields: readonly FieldChange[];
}

/** What is between two reports. */
export interface ReportDiff {
  readonly isSameSnapshot: boolean;
  /** Open now, and not before. In the order of the second report. */
  readonly added: readonly FindingChange[];
  /** Open before, and not now: it is no longer there, cleared, or ignored. In the order of the first report. */
  readonly gone: readonly FindingChange[];
  /** Open in both, and not the same. */
  readonly changed: readonly FindingChange[];
}

/**
 * Compares two reports. Findings are the same where their issue keys are; else where they are of one package and their ids meet, as
 * where a CVE was assigned later.
 */
export function diffReports(before: ScanReport, after: ScanReport): ReportDiff {
  const isSameSnapshot = before.snapshot.id === after.snapshot.id;
  const packages = { before: installedIn(before), after: installedIn(after) };
  const causeOf = (finding: Finding, other: ReadonlySet<string>): DiffCause => {
    if (!other.has(installedKey(finding.proof.package))) return 'contents';
    return isSameSnapshot ? 'opinions' : 'knowledge';
  };
  const partners = pair(before.findings, after.findings);
  const [added, gone, changed]: [FindingChange[], FindingChange[], FindingChange[]] = [[], [], []];

  for (const finding of after.findings) {
    const former = partners.beforeOf.get(finding);
    const both = { ...(former && { before: former }), after: finding };
    if (!isOpen(finding)) continue;
    const cause = causeOf(finding, packages.before);
    if (!former || !isOpen(former)) added.push({ cause, ...both, fields: [] });
    else {
      const fields = differences(former, finding);
      if (fields.length > 0) changed.push({ cause, ...both, fields });
    }
  }
  for (const finding of before.findings) {
    const later = partners.afterOf.get(finding);
    if (!isOpen(finding) || (later && isOpen(later))) continue;
    gone.push({ cause: causeOf(finding, packages.after), before: finding, ...(later && { after: later }), fields: [] });
  }
  return { isSameSnapshot, added, gone, changed };
}

interface Partners {
  readonly beforeOf: ReadonlyMap<Finding, Finding>;
  readonly afterOf: ReadonlyMap<Finding, Finding>;
}

function pair(before: readonly Finding[], after: readonly Finding[]): Partners {
  const [beforeOf, afterOf] = [new Map<Finding, Finding>(), new Map<Finding, Finding>()];
  const join = (former: Finding | undefined, later: Finding): void => {
    if (!former || afterOf.has(former)) return;
    beforeOf.set(later, former);
    afterOf.set(former, later);
  };
  const byIssue = new Map(before.map((finding) => [finding.issueKey, finding]));
  for (const later of after) join(byIssue.get(later.issueKey), later);

  const byId = Map.groupBy(
    before
      .filter((finding) => !afterOf.has(finding))
      .flatMap((finding) => keysById(finding).map((key) => ({ key, finding }))),
    ({ key }) => key,
  );
  for (const later of after) {
    if (beforeOf.has(later)) continue;
    const former = keysById(later)
      .flatMap((key) => byId.get(key) ?? [])
      .find(({ finding }) => !afterOf.has(finding));
    join(former?.finding, later);
  }
  return { beforeOf, afterOf };
}

/** One for each id of the vulnerability, with where the package is: not with its version. */
function keysById({ vulnerability: { id, aliases }, proof }: Finding): readonly string[] {
  const { namespace, name, arch, locations } = proof.package;
  return [id, ...aliases].map((one) => JSON.stringify([one, namespace, name, arch, locations[0]?.path]));
}

function installedIn({ packages, findings }: ScanReport): ReadonlySet<string> {
  return new Set([...packages.map(installedKey), ...findings.map(({ proof }) => installedKey(proof.package))]);
}

function installedKey({
  name,
  version,
  arch,
  namespace,
}: Pick<Package, 'name' | 'version' | 'arch' | 'namespace'>): string {
  return JSON.stringify([namespace, name, version, arch]);
}

/** What each field holds. */
const FIELDS: readonly (readonly [DiffField, (finding: Finding) => string])[] = [
  ['vulnerability', ({ vulnerability }) => vulnerability.id],
  ['version', ({ proof }) => proof.package.version],
  ['status', ({ status }) => status],
  ['severity', ({ severity }) => severity.word],
  ['fixed versions', ({ fixedVersions }) => fixedVersions.join(', ') || 'none'],
];

function differences(before: Finding, after: Finding): readonly FieldChange[] {
  return FIELDS.map(([field, value]) => ({ field, before: value(before), after: value(after) })).filter(
    (change) => change.before !== change.after,
  );
}
