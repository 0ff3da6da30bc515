import { type CvssScorer, loadCvssScorer } from '../../documents/cvss.ts';
import type { Finding } from '../../model/finding.ts';
import type { Package } from '../../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../../model/scan-report.ts';
import { documentTime, publishedTime, reportUuid, TOOL } from '../document-identity.ts';
import { type FindingRow, findingRows } from '../finding-rows.ts';
import { actionText, titleOf } from '../finding-words.ts';
import { jsonPieces, streamed } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { validCpes, validPurl } from '../stated-identifiers.ts';
import { isMereMismatch } from '../vex-analysis.ts';
import { impactText, justificationOf } from '../vex-products.ts';
import { vulnerabilityUrl, webUrl } from '../vulnerability-url.ts';

const TARGET_ID = 'target';

/**
 * CSAF 2.0, profile VEX: each package with findings is a component of the target, and each vulnerability says what holds of which.
 * A VEX document must have a vulnerability; without findings the document is of the profile `csaf_base`.
 * Source: https://docs.oasis-open.org/csaf/csaf/v2.0/, sections 4.5 and 6.1.
 */
export const csafVexFormat: ReportFormat = {
  name: 'csaf-vex',
  title: 'CSAF 2.0 VEX',
  mediaType: 'application/csaf+json',
  specification: 'https://docs.oasis-open.org/csaf/csaf/v2.0/',

  async *render(report, { now }) {
    const rows = findingRows(report).filter(({ finding }) => !isMereMismatch(finding));
    const document = documentOf(report, now, rows.length > 0);
    if (rows.length === 0) return yield* jsonPieces({ document });
    const scorer = await loadCvssScorer();
    const packages = new Map(rows.map(({ item }) => [item.id, item]));
    yield* jsonPieces({
      document,
      product_tree: productTree(report, [...packages.values()]),
      vulnerabilities: vulnerabilitiesOf(rows, scorer),
    });
  },
};

function documentOf(report: ScanReport, now: Date, hasFindings: boolean) {
  const date = documentTime(now);
  return {
    category: hasFindings ? 'csaf_vex' : 'csaf_base',
    csaf_version: '2.0',
    lang: 'en',
    title: `Vulnerabilities of ${targetName(report)}`,
    publisher: { category: 'other', name: TOOL.name, namespace: 'urn:cvescan' },
    notes: [{ category: 'general', title: 'Advisory database', text: `Snapshot ${report.snapshot.id}` }],
    tracking: {
      id: `${TOOL.name}-${reportUuid('csaf-vex', report)}`,
      status: 'interim',
      version: '1',
      initial_release_date: date,
      current_release_date: date,
      revision_history: [{ number: '1', date, summary: 'As scanned' }],
      generator: { date, engine: { name: TOOL.name, version: TOOL.version } },
    },
  };
}

const targetName = ({ target }: ScanReport): string => target.name || 'the target';

/** A package as it is in this target: what a statement says holds there, and nowhere else. */
const productId = (item: Pick<Package, 'id'>): string => `${TARGET_ID}/${item.id}`;

function productTree(report: ScanReport, packages: readonly Package[]) {
  const target = { product_id: TARGET_ID, name: targetName(report) };
  return streamed({
    full_product_names: [target, ...packages.map(componentOf)],
    relationships: packages.values().map((item) => ({
      category: 'default_component_of',
      product_reference: item.id,
      relates_to_product_reference: TARGET_ID,
      full_product_name: { product_id: productId(item), name: `${nameOf(item)} in ${targetName(report)}` },
    })),
  });
}

const nameOf = ({ name, version, id }: Package): string => `${name} ${version}`.trim() || id;

function componentOf(item: Package) {
  const [cpe, purl] = [validCpes(item)[0], validPurl(item)];
  const helper = { ...(cpe !== undefined && { cpe }), ...(purl !== undefined && { purl }) };
  return {
    product_id: item.id,
    name: nameOf(item),
    ...(Object.keys(helper).length > 0 && { product_identification_helper: helper }),
  };
}

function* vulnerabilitiesOf(rows: readonly FindingRow[], scorer: CvssScorer) {
  for (const group of Map.groupBy(rows, ({ vulnerability }) => vulnerability.id).values()) {
    const byPackage = new Map(group.map((row) => [row.item.id, row]));
    yield vulnerabilityOf([...byPackage.values()], scorer);
  }
}

function vulnerabilityOf(rows: readonly FindingRow[], scorer: CvssScorer) {
  const { vulnerability } = rows[0]!;
  const { id, aliases, references, published } = vulnerability;
  const others = [id, ...aliases].filter((one) => one !== '' && !isCve(one));
  const title = titleOf(vulnerability);
  const scores = scoresOf(vulnerability, rows, scorer);
  return {
    ...(isCve(id) && { cve: id }),
    ...(others.length > 0 && { ids: others.map((text) => ({ system_name: systemOf(text), text })) }),
    ...(title !== '' && { title }),
    notes: [{ category: 'description', text: vulnerability.description || vulnerability.summary || id }],
    references: [
      { category: 'external', summary: id, url: vulnerabilityUrl(id) },
      ...[...new Set(references.flatMap(({ url }) => webUrl(url) ?? []))].map((url) => ({
        ...{ category: 'external', summary: 'Reference', url },
      })),
    ],
    release_date: publishedTime(published),
    product_status: statusesOf(rows),
    ...(scores.length > 0 && { scores }),
    ...verdictsOf(rows),
  };
}

const isCve = (id: string): boolean => /^CVE-\d{4}-\d{4,}$/.test(id);

function systemOf(id: string): string {
  return id.startsWith('GHSA-') ? 'GitHub Security Advisory' : /^([A-Za-z]+)-/.exec(id)?.[1]?.toUpperCase() || 'OSV';
}

const STATUS_WORDS: Readonly<Record<Finding['status'], string>> = {
  affected: 'known_affected',
  not_affected: 'known_not_affected',
  fixed: 'fixed',
  under_investigation: 'under_investigation',
};

function statusesOf(rows: readonly FindingRow[]): Record<string, string[]> {
  const byStatus = Map.groupBy(rows, ({ finding }) => STATUS_WORDS[finding.status]);
  return Object.fromEntries([...byStatus].map(([word, of]) => [word, of.map(({ item }) => productId(item))]));
}

/** What CSAF demands beside a status: a remedy for what is affected, a flag or an impact for what is not. */
function verdictsOf(rows: readonly FindingRow[]) {
  const of = (status: Finding['status']) => rows.filter(({ finding }) => finding.status === status);
  const remediations = of('affected').map(({ finding, item }) => ({
    category: remedyOf(finding),
    details: actionText(finding, item.name),
    product_ids: [productId(item)],
  }));
  const cleared = of('not_affected');
  const flags = cleared.flatMap(({ finding, item }) => {
    const label = justificationOf(finding);
    return label ? [{ label, product_ids: [productId(item)] }] : [];
  });
  const threats = cleared.map(({ finding, item }) => ({
    ...{ category: 'impact', details: impactText(finding), product_ids: [productId(item)] },
  }));
  return {
    ...(remediations.length > 0 && { remediations }),
    ...(flags.length > 0 && { flags }),
    ...(threats.length > 0 && { threats }),
  };
}

function remedyOf({ fixedVersions, fixState }: Finding): string {
  if (fixedVersions.length > 0 || fixState === 'fixed') return 'vendor_fix';
  return fixState === 'will_not_fix' || fixState === 'end_of_life' ? 'no_fix_planned' : 'none_available';
}

/** The first vector of each generation that CSAF 2.0 knows, with the score that follows from it; 4.0 came later. */
function scoresOf({ cvss }: ReportedVulnerability, rows: readonly FindingRow[], scorer: CvssScorer) {
  const products = rows.filter(({ finding }) => finding.status !== 'not_affected').map(({ item }) => productId(item));
  const find = (form: RegExp) =>
    cvss
      .map(({ vector }) => ({ vector, score: scorer(vector) }))
      .find((one): one is { vector: string; score: number } => form.test(one.vector) && one.score !== undefined);
  const [v3, v2] = [find(/^CVSS:3\.[01](\/[A-Z]{1,3}:[A-Z])+$/), find(/^AV:[LAN](\/[A-Za-z]{1,3}:[A-Z]{1,3})+$/)];
  if (products.length === 0 || (!v3 && !v2)) return [];
  return [
    { products, ...(v2 && { cvss_v2: cvssOf(v2, '2.0') }), ...(v3 && { cvss_v3: cvssOf(v3, v3.vector.slice(5, 8)) }) },
  ];
}

function cvssOf({ vector, score }: { readonly vector: string; readonly score: number }, version: string) {
  const baseSeverity =
    score === 0 ? 'NONE' : score < 4 ? 'LOW' : score < 7 ? 'MEDIUM' : score < 9 ? 'HIGH' : 'CRITICAL';
  return { version, vectorString: vector, baseScore: score, ...(version !== '2.0' && { baseSeverity }) };
}
