import type { ReportedVulnerability, ScanReport } from '../../model/scan-report.ts';
import type { Severity } from '../../model/severity.ts';
import { isConcern } from '../../model/status.ts';
import { TOOL } from '../document-identity.ts';
import { type FindingRow, findingRows } from '../finding-rows.ts';
import { actionText, reasonText, shownScore, titleOf } from '../finding-words.ts';
import { jsonPieces, streamed } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';

/**
 * SARIF 2.1.0: a rule for each vulnerability, a result for each finding. `security-severity` and `partialFingerprints` are what GitHub's
 * code scanning sorts by and recognises a finding by. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/.
 */
export const sarifFormat: ReportFormat = {
  name: 'sarif',
  title: 'SARIF 2.1.0, for code scanning',
  mediaType: 'application/sarif+json',
  specification: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/',

  render(report) {
    const rows = findingRows(report);
    const rules = [...new Map(rows.map(({ vulnerability }) => [vulnerability.id, vulnerability])).values()];
    const indexes = new Map(rules.map(({ id }, index) => [id, index]));
    return jsonPieces({
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: [
        streamed({
          tool: streamed({ driver: streamed({ ...TOOL, rules: rules.values().map(ruleOf) }) }),
          columnKind: 'utf16CodeUnits',
          properties: { target: report.target, snapshot: report.snapshot.id, ledger: ledgerOf(report) },
          results: rows.values().map((row) => resultOf(row, indexes.get(row.vulnerability.id) ?? 0, report)),
        }),
      ],
    });
  },
};

function ledgerOf({ ledger: { notAssessed, ...numbers } }: ScanReport) {
  return { ...numbers, notAssessed: notAssessed.length };
}

/** What `security-severity` is where nobody has scored: the middle of the word's band. */
const SCORE_OF_WORD: Readonly<Record<Severity, number>> = {
  unknown: 5,
  negligible: 0.1,
  low: 2,
  medium: 5.5,
  high: 8,
  critical: 9.5,
};

function ruleOf(vulnerability: ReportedVulnerability) {
  const { id, aliases, severity, description, summary } = vulnerability;
  const title = titleOf(vulnerability) || id;
  const score = shownScore(vulnerability)?.score ?? SCORE_OF_WORD[severity];
  return {
    id,
    name: id,
    shortDescription: { text: `${id}: ${title}` },
    fullDescription: { text: description || summary || id },
    helpUri: vulnerabilityUrl(id),
    help: { text: `${description || summary || id}\n\n${vulnerabilityUrl(id)}` },
    defaultConfiguration: { level: levelOf(severity) },
    properties: {
      'security-severity': score.toFixed(1),
      precision: 'very-high',
      tags: ['security', 'vulnerability', severity],
      ...(aliases.length > 0 && { aliases }),
    },
  };
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  if (severity === 'critical' || severity === 'high') return 'error';
  return severity === 'medium' || severity === 'unknown' ? 'warning' : 'note';
}

function resultOf(row: FindingRow, ruleIndex: number, report: ScanReport) {
  const { finding, item, vulnerability, risk } = row;
  const { severity, status, fixedVersions, fingerprint, issueKey } = finding;
  const title = titleOf(vulnerability);
  const isThere = isConcern(status);
  const text = [
    `${item.name} ${item.version}: ${vulnerability.id} (${severity.word}, ${status})${title && `. ${title}`}`,
    actionText(finding, item.name),
  ].join('\n');
  return {
    ruleId: vulnerability.id,
    ruleIndex,
    // What is under investigation is `open` in SARIF's words, which viewers do not show: that would hide it.
    kind: isThere ? 'fail' : 'pass',
    // SARIF demands `none` of every kind but `fail`.
    level: isThere ? levelOf(severity.word) : 'none',
    message: { text },
    locations: [locationOf(row, report)],
    partialFingerprints: { 'issueKey/v1': issueKey },
    fingerprints: { 'cvescan/v1': fingerprint },
    suppressions: suppressionsOf(row),
    properties: {
      ...{ package: item.name, version: item.version, purl: item.purl, fixedVersions, status, severity },
      ...{ risk, epss: vulnerability.epss?.score, kev: vulnerability.kev !== undefined },
      ...{
        confidence: finding.confidence,
        layer: item.locations[0]?.layer,
        advisory: finding.proof.advisory.advisoryId,
      },
    },
  };
}

/** The file that says the package is installed: inside the image, or the SBOM itself. */
function locationOf({ item }: FindingRow, { target }: ScanReport) {
  const path = item.locations[0]?.path || target.name || 'target';
  return {
    physicalLocation: { artifactLocation: { uri: encodePath(path) }, region: { startLine: 1 } },
    logicalLocations: [
      { name: item.name || item.id, fullyQualifiedName: item.purl ?? `${item.name}@${item.version}`, kind: 'module' },
    ],
  };
}

/** A relative reference of RFC 3986, so that a name like `c:x` is no scheme. */
function encodePath(path: string): string {
  const parts = path
    .toWellFormed()
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.map(encodeURIComponent).join('/') || 'target';
}

function suppressionsOf({ finding }: FindingRow) {
  const { ignored, annotation } = finding;
  const isDecided = annotation !== undefined && !annotation.isVulnerable && !annotation.isOutdated;
  if (!ignored && !isDecided) return undefined;
  return [{ kind: 'external', status: 'accepted', justification: reasonText(finding) }];
}
