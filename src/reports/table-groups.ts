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
  const packages = new Map(report.packages.map((item) => [item.id, item]));
  const vulnerabilities = new Map(report.vulnerabilities.map((item) => [item.id, item]));
  const members = new Map<
    string,
    { readonly of: Package; readonly names: Set<string>; readonly rows: Map<string, TableRow> }
  >();

  for (const finding of report.findings) {
    const [of, vulnerability] = [packages.get(finding.packageId), vulnerabilities.get(finding.vulnerability.id)];
    if (!of || !vulnerability) continue;
    const key = groupKey(of);
    const group = members.get(key) ?? { of, names: new Set<string>(), rows: new Map<string, TableRow>() };
    members.set(key, group);
    group.names.add(of.name);
    const rowKey = [
      vulnerability.id,
      finding.status,
      finding.fixState,
      finding.severity.word,
      finding.ignored?.reason ?? '',
      ...finding.fixedVersions,
    ].join(' ');
    if (!group.rows.has(rowKey)) {
      group.rows.set(rowKey, { finding, vulnerability, risk: riskOf(finding.severity.word, vulnerability) });
    }
  }

  return [...members.values()].map(toGroup).sort((a, b) => topRisk(b) - topRisk(a) || compareText(a.name, b.name));
}

function groupKey({ namespace, source, name, version, locations }: Package): string {
  const place = source ? '' : (locations[0]?.path ?? '');
  return [namespace, source?.name ?? name, source?.version ?? version, place].join('\n');
}

function toGroup({
  of,
  names,
  rows,
}: {
  of: Package;
  names: ReadonlySet<string>;
  rows: ReadonlyMap<string, TableRow>;
}): TableGroup {
  const name = of.source?.name ?? of.name;
  const place = of.source ? [] : of.locations.slice(0, 1).map(({ path }) => path);
  const installed = [...names].sort(compareText);
  return {
    name,
    version: of.source?.version ?? of.version,
    place: of.locations[0]?.path ?? '',
    installed: installed.length === 1 && installed[0] === name ? place : installed,
    rows: [...rows.values()].sort((a, b) => b.risk - a.risk || compareText(a.vulnerability.id, b.vulnerability.id)),
  };
}

const topRisk = ({ rows }: TableGroup): number => rows[0]?.risk ?? 0;

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
