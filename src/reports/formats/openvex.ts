import type { Package } from '../../model/package.ts';
import type { ReportedVulnerability } from '../../model/scan-report.ts';
import { documentTime, reportUuid, TOOL } from '../document-identity.ts';
import { type FindingRow, findingRows } from '../finding-rows.ts';
import { actionText, reasonText } from '../finding-words.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { validCpes, validPurl } from '../stated-identifiers.ts';
import { isMereMismatch } from '../vex-analysis.ts';
import { impactText, justificationOf } from '../vex-products.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';

/**
 * OpenVEX 0.2.0: a statement for each vulnerability and verdict, with the packages that it holds of as products.
 * A report without findings has no statements, which OpenVEX's schema does not foresee; its readers take it.
 */
export const openvexFormat: ReportFormat = {
  name: 'openvex',
  title: 'OpenVEX 0.2.0',
  mediaType: 'application/json',
  specification: 'https://github.com/openvex/spec',

  render(report, { now }) {
    const rows = findingRows(report).filter(({ finding }) => !isMereMismatch(finding));
    return jsonPieces({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': `urn:uuid:${reportUuid('openvex', report)}`,
      author: TOOL.name,
      role: 'Document Creator',
      timestamp: documentTime(now),
      version: 1,
      tooling: `${TOOL.name}/${TOOL.version}`,
      statements: statementsOf(rows),
    });
  },
};

function* statementsOf(rows: readonly FindingRow[]) {
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.vulnerability.id, verdictOf(row)]));
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    yield {
      vulnerability: vulnerabilityOf(first.vulnerability),
      products: [...new Map(group.map(({ item }) => productOf(item)).map((one) => [one['@id'], one])).values()],
      ...verdictOf(first),
    };
  }
}

function vulnerabilityOf({ id, aliases, summary, description }: ReportedVulnerability) {
  const text = summary ?? description;
  return {
    '@id': vulnerabilityUrl(id),
    name: id,
    ...(text !== undefined && { description: text }),
    ...(aliases.length > 0 && { aliases: [...new Set(aliases)] }),
  };
}

/** A product is named by an IRI: its purl, else its CPE unless that holds escapes, which no IRI may, else its id here. */
function productOf(item: Package) {
  const purl = validPurl(item);
  const cpe = validCpes(item).find((one) => !one.includes('\\'));
  const id = purl ?? cpe ?? `urn:cvescan:package:${encodeURIComponent(item.id.toWellFormed())}`;
  return { '@id': id, ...(purl !== undefined && { identifiers: { purl } }) };
}

/** The status, with what OpenVEX demands beside it: an action for `affected`, a reason for `not_affected`. */
function verdictOf({ finding, item }: FindingRow) {
  const { status } = finding;
  if (status === 'affected') return { status, action_statement: actionText(finding, item.name) };
  if (status === 'not_affected') {
    const justification = justificationOf(finding);
    if (justification === undefined) return { status, impact_statement: impactText(finding) };
    return { status, justification, status_notes: reasonText(finding) };
  }
  const notes = reasonText(finding);
  return { status, ...(notes !== '' && { status_notes: notes }) };
}
