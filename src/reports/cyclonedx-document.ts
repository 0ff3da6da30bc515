import type { Finding } from '../model/finding.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { componentsOf, refsOf, TARGET_REF, targetComponent } from './cyclonedx-components.ts';
import { vulnerabilitiesOf } from './cyclonedx-vulnerabilities.ts';
import { documentTime, reportUuid, TOOL } from './document-identity.ts';
import { propertiesOfInventory } from './inventory-properties.ts';
import { type VexAnalysis, vexAnalysis } from './vex-analysis.ts';

/** The parts of a CycloneDX 1.6 document, in their order; the long ones are made while they are written. */
export type CyclonedxDocument = ReturnType<typeof cyclonedxDocument>;

/** A report as CycloneDX: the components, and their vulnerabilities. */
export function cyclonedxDocument(report: ScanReport, now: Date) {
  return {
    serialNumber: `urn:uuid:${reportUuid('cyclonedx', report)}`,
    metadata: {
      timestamp: documentTime(now),
      tools: { components: [{ type: 'application', ...TOOL }] },
      component: targetComponent(report),
      properties: [
        ...propertiesOfInventory(report),
        { name: 'cvescan:snapshot', value: report.snapshot.id },
        ...report.ledger.notAssessed.map(({ packageId, reason }) => ({
          name: `cvescan:notAssessed:${packageId}`,
          value: reason,
        })),
      ],
    },
    components: componentsOf(report),
    dependencies: [{ ref: TARGET_REF, dependsOn: refsOf(report) }],
    vulnerabilities: vulnerabilitiesOf(report, { analysisOf: statedAnalysis }),
  };
}

/** Beside the SBOM an analysis is written where somebody has made one; "nobody has looked yet" is left out. */
function statedAnalysis(finding: Finding): VexAnalysis | undefined {
  const analysis = vexAnalysis(finding);
  return analysis.state === 'in_triage' && analysis.detail === undefined && !finding.annotation ? undefined : analysis;
}
