import type { Finding } from '../../model/finding.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { documentTime, reportUuid } from '../document-identity.ts';
import { fixText } from '../finding-words.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import {
  CREATOR,
  DOCUMENT_ID,
  documentNamespace,
  relationshipsOf,
  type SpdxReference,
  spdxPackage,
  TARGET_ID,
  targetPackage,
} from '../spdx-packages.ts';
import { vulnerabilityUrl } from '../vulnerability-url.ts';

/**
 * SPDX 2.3: the packages, each with a reference of the category SECURITY to every vulnerability found in it.
 * Source: https://spdx.github.io/spdx-spec/v2.3/how-to-use/ ("Including security information").
 */
export const spdxJsonFormat: ReportFormat = {
  name: 'spdx-json',
  title: 'SPDX 2.3: the SBOM with references to its vulnerabilities',
  mediaType: 'application/spdx+json; version=2.3',
  specification: 'https://spdx.github.io/spdx-spec/v2.3/',

  render(report, { now }) {
    const created = documentTime(now);
    return jsonPieces({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: DOCUMENT_ID,
      name: report.target.name || 'target',
      documentNamespace: documentNamespace(report, reportUuid('spdx', report)),
      comment: `Advisory database ${report.snapshot.id}`,
      creationInfo: { created, creators: [CREATOR] },
      documentDescribes: [TARGET_ID],
      packages: packagesOf(report, created),
      relationships: relationshipsOf(report),
    });
  },
};

function* packagesOf(report: ScanReport, created: string) {
  const findings = Map.groupBy(report.findings, ({ packageId }) => packageId);
  yield targetPackage(report, created);
  for (const [index, item] of report.packages.entries())
    yield spdxPackage(item, index, created, findings.get(item.id)?.map(referenceOf));
}

function referenceOf(finding: Finding): SpdxReference {
  const { vulnerability, severity, status } = finding;
  return {
    referenceCategory: 'SECURITY',
    referenceType: 'advisory',
    referenceLocator: vulnerabilityUrl(vulnerability.id),
    comment: `${vulnerability.id}: ${status}, ${severity.word}; ${fixText(finding)}`,
  };
}
