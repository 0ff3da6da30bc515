import { cyclonedxDocument } from '../cyclonedx-document.ts';
import { jsonPieces } from '../json-pieces.ts';
import type { ReportFormat } from '../report-format.ts';

/** Components with their vulnerabilities, CycloneDX 1.6. Source: https://cyclonedx.org/docs/1.6/json/. */
export const cyclonedxJsonFormat: ReportFormat = {
  name: 'cyclonedx-json',
  title: 'CycloneDX 1.6: the SBOM with its vulnerabilities',
  mediaType: 'application/vnd.cyclonedx+json; version=1.6',
  specification: 'https://cyclonedx.org/docs/1.6/json/',

  render(report, { now }) {
    const { serialNumber, ...parts } = cyclonedxDocument(report, now);
    return jsonPieces({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber,
      version: 1,
      ...parts,
    });
  },
};
