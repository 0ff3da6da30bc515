import type { ScanReport } from '../../model/scan-report.ts';
import { componentsOf, targetComponent } from '../cyclonedx-components.ts';
import { vulnerabilitiesOf } from '../cyclonedx-vulnerabilities.ts';
import { documentTime, reportUuid, TOOL } from '../document-identity.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';
import { isMereMismatch, vexAnalysis } from '../vex-analysis.ts';

/**
 * What is known of each vulnerability, CycloneDX 1.6, with the components that it is of. A state for every one: what nobody has judged
 * is `in_triage`; docs/reference/vex.md has the rules.
 */
export const cyclonedxVexFormat: ReportFormat = {
  name: 'cyclonedx-vex',
  title: 'CycloneDX 1.6 VEX: what is known of each vulnerability',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',
  specification: 'https://cyclonedx.org/capabilities/vex/',

  render(report, { now }) {
    const findings = report.findings.filter((finding) => !isMereMismatch(finding));
    return jsonPieces({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: `urn:uuid:${reportUuid('cyclonedx-vex', report)}`,
      version: 1,
      metadata: {
        timestamp: documentTime(now),
        tools: { components: [{ type: 'application', ...TOOL }] },
        component: targetComponent(report),
      },
      components: affectedComponents(report, findings),
      vulnerabilities: vulnerabilitiesOf({ ...report, findings }, { analysisOf: vexAnalysis }),
    });
  },
};

function affectedComponents({ packages }: ScanReport, findings: ScanReport['findings']) {
  const affected = new Set(findings.map(({ packageId }) => packageId));
  return componentsOf({ packages: packages.filter(({ id }) => affected.has(id)) });
}
