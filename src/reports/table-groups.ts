import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../model/scan-report.ts';
import { riskOf } from './risk.ts';

/** Findings that a person mends together: those of one source package, or of one language package. */
export interface TableGroup {
  /** Name and version of what they were built from. */
  readonly name: string;
  readonly version: string;
  /** The installed packages, where their names say more than the source's; sorted. */
  readonly installed: readonly string[];
  /** Path of the file that lists the first of them; `` when nothing says so. */
  readonly place: string;
  /** The most urgent first. */
  readonly rows: readonly TableRow[];
}

/** One vulnerability of a group, however many of its packages have it. */
export interface TableRow {
  readonly finding: Finding;
  readonly vulnerability: ReportedVulnerability;
  readonly risk: number;
}

/** Puts findings together for reading: the most urgent group first, in it the most urgent vulnerability. */
export function groupFindings(report: ScanReport): TableGroup[] {
  const vulnerabilities = new Map(report.vulnerabilities.map((item) => [item.id, item]));
  const draftsByPackage = draftGroups(report.packages);
  for (const finding of report.findings) {
    const [draft, vulnerability] = [
      draftsByPackage.get(finding.packageId),
      vulnerabilities.get(finding.vulnerability.id),
    ];
    if (!draft || !vulnerability) continue;
    draft.names.add(draft.nameById.get(finding.packageId) ?? '');
    const rows = draft.rowsById.get(vulnerability.id);
    if (rows?.some((row) => isSameVerdict(row.finding, finding))) continue;
    const row = { finding, vulnerability, risk: riskOf(finding.severity.word, vulnerability) };
    if (rows) rows.push(row);
    else draft.rowsById.set(vulnerability.id, [row]);
  }
  return [...new Set(draftsByPackage.values())]
    .filter(({ rowsById }) => rowsById.size > 0)
    .map(toGroup)
    .sort((a, b) => topRisk(b) - topRisk(a) || compareText(a.name, b.name));
}

/** A group while its findings are put together. */
interface DraftGroup {
  readonly of: Package;
  readonly nameById: Map<string, string>;
  /** Of packages with findings. */
  readonly names: Set<string>;
  readonly rowsById: Map<string, TableRow[]>;
}

/** The group of each package, by its id. */
function draftGroups(packages: readonly Package[]): ReadonlyMap<string, DraftGroup> {
  const drafts = new Map<string, DraftGroup>();
  return new Map(
    packages.map((of) => {
      const key = groupKey(of);
      const draft = drafts.get(key) ?? { of, nameById: new Map(), names: new Set(), rowsById: new Map() };
      drafts.set(key, draft);
      draft.nameById.set(of.id, of.name);
      return [of.id, draft];
    }),
  );
}

function isSameVerdict(a: Finding, b: Finding): boolean {
  return (
    a.status === b.status &&
    a.fixState === b.fixState &&
    a.severity.word === b.severity.word &&
    a.ignored?.reason === b.ignored?.reason &&
    a.fixedVersions.length === b.fixedVersions.length &&
    a.fixedVersions.every((version, n) => version === b.fixedVersions[n])
  );
}

function groupKey({ namespace, source, name, version, locations }: Package): string {
  const place = source ? '' : (locations[0]?.path ?? '');
  return [namespace, source?.name ?? name, source?.version ?? version, place].join('\n');
}

function toGroup({ of, names, rowsById }: DraftGroup): TableGroup {
  const name = of.source?.name ?? of.name;
  const place = of.source ? [] : of.locations.slice(0, 1).map(({ path }) => path);
  const installed = [...names].sort(compareText);
  return {
    name,
    version: of.source?.version ?? of.version,
    place: of.locations[0]?.path ?? '',
    installed: installed.length === 1 && installed[0] === name ? place : installed,
    rows: [...rowsById.values()]
      .flat()
      .sort((a, b) => b.risk - a.risk || compareText(a.vulnerability.id, b.vulnerability.id)),
  };
}

const topRisk = ({ rows }: TableGroup): number => rows[0]?.risk ?? 0;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
