import type { Finding } from '../model/finding.ts';
import type { ReportedVulnerability, ScanReport } from '../model/scan-report.ts';
import type { Severity } from '../model/severity.ts';
import { severityOfScore } from '../model/severity.ts';
import { isConcern } from '../model/status.ts';
import { publishedTime } from './document-identity.ts';
import { actionText } from './finding-words.ts';
import type { Property } from './inventory-properties.ts';
import type { VexAnalysis } from './vex-analysis.ts';
import { vulnerabilityUrl, webUrl } from './vulnerability-url.ts';

/** A vulnerability as CycloneDX 1.6 writes it in JSON; of XML the same fields in the same order. */
export interface CyclonedxVulnerability {
  readonly 'bom-ref': string;
  readonly id: string;
  readonly source: CyclonedxSource;
  readonly references?: readonly { readonly id: string; readonly source: CyclonedxSource }[] | undefined;
  readonly ratings: readonly CyclonedxRating[];
  readonly cwes?: readonly number[] | undefined;
  readonly description?: string | undefined;
  readonly recommendation?: string | undefined;
  readonly advisories?: readonly { readonly url: string }[] | undefined;
  readonly published?: string | undefined;
  readonly updated?: string | undefined;
  readonly analysis?: VexAnalysis | undefined;
  readonly affects: readonly { readonly ref: string }[];
  readonly properties: readonly Property[];
}

/** One voice on how bad it is. */
export interface CyclonedxRating {
  readonly source: { readonly name: string };
  readonly score?: number | undefined;
  readonly severity: string;
  readonly method: string;
  readonly vector?: string;
}

interface CyclonedxSource {
  readonly name: string;
  readonly url: string;
}

/** How the vulnerabilities of a document are told. */
export interface CyclonedxOptions {
  /** What is known of a finding; undefined leaves it unsaid. */
  readonly analysisOf: (finding: Finding) => VexAnalysis | undefined;
}

/**
 * The findings as CycloneDX tells them: an entry for each vulnerability and each analysis of it, which names the packages that it is of.
 */
export function* vulnerabilitiesOf(
  { vulnerabilities, findings }: Pick<ScanReport, 'vulnerabilities' | 'findings'>,
  { analysisOf }: CyclonedxOptions,
): Generator<CyclonedxVulnerability> {
  const byId = Map.groupBy(findings, ({ vulnerability }) => vulnerability.id);
  for (const vulnerability of vulnerabilities) {
    const analysed = (byId.get(vulnerability.id) ?? []).map((finding) => ({ finding, analysis: analysisOf(finding) }));
    const groups = Map.groupBy(analysed, ({ analysis }) => JSON.stringify(analysis ?? null));
    for (const [index, group] of [...groups.values()].entries()) {
      const ref = `vulnerability:${vulnerability.id}${index > 0 ? `#${index + 1}` : ''}`;
      yield {
        'bom-ref': ref,
        ...aboutFlaw(
          vulnerability,
          group.map(({ finding }) => finding),
        ),
        analysis: group[0]?.analysis,
        affects: [...new Set(group.map(({ finding }) => finding.packageId))].map((packageId) => ({ ref: packageId })),
        properties: propertiesOf(
          vulnerability,
          group.map(({ finding }) => finding),
        ),
      };
    }
  }
}

function aboutFlaw(vulnerability: ReportedVulnerability, findings: readonly Finding[]) {
  const { id, aliases, cwes, description, summary, references, published, modified } = vulnerability;
  const numbers = cwes.flatMap((cwe) => /^CWE-(\d{1,6})$/.exec(cwe)?.[1] ?? []).map(Number);
  const urls = [...new Set(references.flatMap(({ url }) => webUrl(url) ?? []))];
  const open = findings.filter(({ status }) => isConcern(status));
  const actions = new Set(open.map((finding) => actionText(finding, finding.proof.package.name)));
  return {
    id,
    source: sourceOf(id),
    references: aliases.length > 0 ? aliases.map((alias) => ({ id: alias, source: sourceOf(alias) })) : undefined,
    ratings: ratingsOf(vulnerability, findings),
    cwes: numbers.length > 0 ? numbers : undefined,
    description: description ?? summary,
    recommendation: actions.size > 0 ? [...actions].join('\n') : undefined,
    advisories: urls.length > 0 ? urls.map((url) => ({ url })) : undefined,
    published: publishedTime(published),
    updated: publishedTime(modified),
  };
}

function sourceOf(id: string): CyclonedxSource {
  const name = id.startsWith('CVE-') ? 'NVD' : id.startsWith('GHSA-') ? 'GitHub Advisories' : 'OSV';
  return { name, url: vulnerabilityUrl(id) };
}

const METHODS: Readonly<Record<string, string>> = {
  '2.0': 'CVSSv2',
  '3.0': 'CVSSv3',
  '3.1': 'CVSSv31',
  '4.0': 'CVSSv4',
};

/** Every score, then the publishers' own words. */
function ratingsOf({ cvss }: ReportedVulnerability, findings: readonly Finding[]): CyclonedxRating[] {
  const scores = cvss.map(({ source, score, version, vector }) => ({
    source: { name: source },
    score,
    severity: severityWord(score === undefined ? 'unknown' : severityOfScore(score, version)),
    method: METHODS[version] ?? 'other',
    vector,
  }));
  const words = new Map(findings.map(({ severity }) => [`${severity.source}\n${severity.word}`, severity]));
  const published = [...words.values()].filter(({ source }) => !cvss.some((one) => one.source === source));
  return [
    ...scores,
    ...published.map(({ word, source }) => ({
      source: { name: source },
      severity: severityWord(word),
      method: 'other',
    })),
  ];
}

/** CycloneDX has no `negligible`. */
function severityWord(severity: Severity): string {
  return severity === 'negligible' ? 'info' : severity;
}

/** What CycloneDX has no field for. Names are documented in docs/reference/sbom-properties.md. */
function propertiesOf({ epss, kev, ssvc }: ReportedVulnerability, findings: readonly Finding[]): Property[] {
  const values: readonly (readonly [string, string | number | undefined])[] = [
    ['epss:score', epss?.score],
    ['epss:percentile', epss?.percentile],
    ['kev:dateAdded', kev?.dateAdded],
    ['kev:dueDate', kev?.dueDate],
    ['ssvc:exploitation', ssvc?.exploitation],
    ['ssvc:automatable', ssvc?.automatable],
    ['ssvc:technicalImpact', ssvc?.technicalImpact],
    ...findings.map(({ packageId, fingerprint }) => [`fingerprint:${packageId}`, fingerprint] as const),
  ];
  return values.flatMap(([name, value]) =>
    value === undefined ? [] : { name: `cvescan:${name}`, value: String(value) },
  );
}
