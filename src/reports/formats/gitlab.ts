import type { ScanReport } from '../../model/scan-report.ts';
import { documentTime, TOOL } from '../document-identity.ts';
import { type FindingRow, findingRows, isOpen } from '../finding-rows.ts';
import { actionText, titleOf } from '../finding-words.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { vulnerabilityUrl, webUrl } from '../vulnerability-url.ts';

const SCHEMA_VERSION = '15.0.2';

/** GitLab's own limits of these fields. */
const [MAX_NAME_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_SOLUTION_LENGTH] = [255, 1_048_576, 7_000];

/**
 * GitLab's security report, version 15: of an image for its container scanning, of a directory or document for its dependency scanning.
 * GitLab has no place for what is cleared or ignored, so it gets what is open.
 */
export const gitlabFormat: ReportFormat = {
  name: 'gitlab',
  title: 'GitLab container or dependency scanning report',
  mediaType: 'application/json',
  specification: 'https://gitlab.com/gitlab-org/security-products/security-report-schemas',
  onlyOpen: true,

  render(report, { now }) {
    const rows = findingRows(report).filter(({ finding }) => isOpen(finding));
    const isImage = report.target.kind === 'image';
    // GitLab's times have no zone; they are in UTC.
    const time = documentTime(now).replace('Z', '');
    const tool = { id: TOOL.name, ...TOOL, vendor: { name: TOOL.name } };
    return jsonPieces({
      version: SCHEMA_VERSION,
      scan: {
        ...{ analyzer: tool, scanner: tool, type: isImage ? 'container_scanning' : 'dependency_scanning' },
        ...{ start_time: time, end_time: time, status: 'success', messages: messagesOf(report) },
      },
      vulnerabilities: rows.values().map((row) => vulnerabilityOf(row, report)),
      dependency_files: isImage ? undefined : dependencyFiles(report),
    });
  },
};

function messagesOf({ ledger, problems }: ScanReport) {
  const { notAssessed } = ledger;
  return [
    ...problems.map(({ message }) => ({ level: 'warn', value: message || 'a problem without words' })),
    ...(notAssessed.length > 0
      ? [{ level: 'warn', value: `${notAssessed.length} of ${ledger.components} packages could not be assessed` }]
      : []),
  ];
}

function vulnerabilityOf(row: FindingRow, report: ScanReport) {
  const { finding, item, vulnerability } = row;
  const { id, aliases, references, description, summary } = vulnerability;
  const title = titleOf(vulnerability);
  return {
    id: finding.fingerprint,
    name: `${id}${title && `: ${title}`}`.slice(0, MAX_NAME_LENGTH).toWellFormed(),
    description: (description ?? summary ?? id).slice(0, MAX_DESCRIPTION_LENGTH).toWellFormed(),
    severity: SEVERITY_WORDS[finding.severity.word],
    solution: actionText(finding, item.name).slice(0, MAX_SOLUTION_LENGTH).toWellFormed(),
    identifiers: [id, ...aliases.filter((alias) => alias !== '')].map((value) => ({
      ...{ type: typeOf(value), name: value, value, url: vulnerabilityUrl(value) },
    })),
    links: [...new Set(references.flatMap(({ url }) => webUrl(url) ?? []))].map((url) => ({ url })),
    location: locationOf(row, report),
  };
}

const SEVERITY_WORDS: Readonly<Record<FindingRow['finding']['severity']['word'], string>> = {
  unknown: 'Unknown',
  negligible: 'Info',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};

/** `cve` of `CVE-2024-1`; an id without a prefix is one of its own kind. */
function typeOf(id: string): string {
  return /^([A-Za-z]+)-/.exec(id)?.[1]?.toLowerCase() ?? TOOL.name;
}

function locationOf({ item }: FindingRow, { target, namespace }: ScanReport) {
  const dependency = { package: { name: item.name }, version: item.version };
  if (target.kind !== 'image') return { file: item.locations[0]?.path || target.name || 'target', dependency };
  return { dependency, operating_system: namespace || 'unknown', image: target.name || target.digest || 'image' };
}

/** Which packages each file lists. */
function* dependencyFiles({ packages, target }: ScanReport) {
  const key = (item: ScanReport['packages'][number]) =>
    JSON.stringify([item.locations[0]?.path || target.name || 'target', item.type || 'unknown']);
  for (const group of Map.groupBy(packages, key).values()) {
    const { locations, type } = group[0]!;
    yield {
      path: locations[0]?.path || target.name || 'target',
      package_manager: type || 'unknown',
      dependencies: group.map(({ name, version }) => ({ package: { name }, version })),
    };
  }
}
