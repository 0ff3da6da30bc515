import type { Package } from '../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../model/scan-report.ts';
import { SEVERITIES } from '../model/severity.ts';
import { documentTime, TOOL } from './document-identity.ts';
import { type FindingRow, findingRows, isOpen } from './finding-rows.ts';
import { fixText, reasonText, shownScore, titleOf } from './finding-words.ts';
import {
  DETAILS_PER_BLOCK,
  type PageBlock,
  type PageFinding,
  type PageFindingDetails,
  type PageHead,
  type PagePackage,
  type PageVulnerability,
  type PageVulnerabilityDetails,
} from './page-data.ts';
import { vulnerabilityUrl, webUrl } from './vulnerability-url.ts';

/** All blocks of a report's page; the order in the table is the order by risk. */
export function* pageBlocks(report: ScanReport, now: Date): Generator<PageBlock> {
  const rows = findingRows(report);
  const packages = [...new Map(rows.map(({ item }) => [item.id, item])).values()];
  const vulnerabilities = [...new Map(rows.map(({ vulnerability }) => [vulnerability.id, vulnerability])).values()];
  const packageIndex = new Map(packages.map(({ id }, index) => [id, index]));
  const vulnerabilityIndex = new Map(vulnerabilities.map(({ id }, index) => [id, index]));
  const layerIndex = new Map(report.layers.map(({ digest, index }) => [digest, index]));

  yield { kind: 'head', value: headOf(report, now) };
  yield* blocksOf('packages', packages, (item) => packageOf(item, layerIndex));
  yield* blocksOf('vulnerabilities', vulnerabilities, vulnerabilityOf);
  yield* blocksOf('findings', rows, (row) =>
    findingOf(row, vulnerabilityIndex.get(row.vulnerability.id) ?? 0, packageIndex.get(row.item.id) ?? 0),
  );
  yield* blocksOf('vulnerability-details', vulnerabilities, vulnerabilityDetailsOf);
  yield* blocksOf('finding-details', rows, findingDetailsOf);
}

function* blocksOf<Item>(
  kind: PageBlock['kind'],
  items: readonly Item[],
  toValue: (item: Item) => unknown,
): Generator<PageBlock> {
  for (let start = 0; start < items.length; start += DETAILS_PER_BLOCK)
    yield { kind, value: items.slice(start, start + DETAILS_PER_BLOCK).map(toValue) };
}

function headOf({ target, namespace, snapshot, ledger, problems, layers, packages }: ScanReport, now: Date): PageHead {
  const names = new Map(packages.map(({ id, name, version }) => [id, `${name} ${version}`.trim()]));
  const { notAssessed, ...numbers } = ledger;
  return {
    tool: `${TOOL.name} ${TOOL.version}`,
    created: documentTime(now),
    ...{ target, namespace, snapshot, ledger: numbers, problems, layers },
    notAssessed: notAssessed.map(({ packageId, reason }) => ({ name: names.get(packageId) ?? packageId, reason })),
  };
}

function packageOf(item: Package, layerIndex: ReadonlyMap<string, number>): PagePackage {
  const [location] = item.locations;
  const layer = location?.layer === undefined ? -1 : (layerIndex.get(location.layer) ?? -1);
  return [item.name, item.version, item.namespace ?? item.type, location?.path ?? '', layer, item.source?.name ?? ''];
}

function vulnerabilityOf(item: ReportedVulnerability): PageVulnerability {
  const { id, aliases, epss, kev } = item;
  const score = shownScore(item)?.score ?? -1;
  return [id, aliases.join(' '), titleOf(item), epss?.score ?? -1, kev !== undefined, score];
}

function findingOf({ finding }: FindingRow, vulnerability: number, packageIndex: number): PageFinding {
  const severity = SEVERITIES.indexOf(finding.severity.word);
  return [vulnerability, packageIndex, severity, fixText(finding), isOpen(finding), finding.fixedVersions.length > 0];
}

function findingDetailsOf({ finding, item }: FindingRow): PageFindingDetails {
  const { status, fixState, fixedVersions, severity, introducedBy, fingerprint, issueKey, ...rest } = finding;
  const { confidence, assessments, vex, contradiction, annotation, ignored, proof } = rest;
  return {
    ...{ status, fixState, fixedVersions, severity, fingerprint, issueKey, reason: reasonText(finding) },
    ...(introducedBy && { introducedBy }),
    ...(confidence && { confidence }),
    ...(assessments && { assessments }),
    ...(vex && { vex }),
    ...(contradiction !== undefined && { contradiction }),
    ...(annotation && { annotation }),
    ...(ignored && { ignored }),
    ...{ purl: item.purl, arch: item.arch, locations: item.locations },
    proof: {
      ...{ identity: proof.identity, advisory: proof.advisory, comparison: proof.comparison },
      ...(proof.others && { others: proof.others }),
    },
  };
}

function vulnerabilityDetailsOf(item: ReportedVulnerability): PageVulnerabilityDetails {
  const { id, severity, summary, description, cvss, cwes, references, published, modified, epss, kev, ssvc } = item;
  const links = references.flatMap((one) => {
    const url = webUrl(one.url);
    return url === undefined ? [] : [{ ...one, url }];
  });
  return {
    ...{ url: vulnerabilityUrl(id), severity, cvss, cwes, references: links },
    ...(summary !== undefined && { summary }),
    ...(description !== undefined && { description }),
    ...(published !== undefined && { published }),
    ...(modified !== undefined && { modified }),
    ...(epss && { epss }),
    ...(kev && { kev }),
    ...(ssvc && { ssvc }),
  };
}
