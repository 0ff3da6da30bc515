import { cyclonedxDocument } from '../cyclonedx-document.ts';
import { cyclonedxXml } from '../cyclonedx-xml.ts';
import type { ReportFormat } from '../report-format.ts';

/** The same as `cyclonedx-json`, in XML. */
export const cyclonedxXmlFormat: ReportFormat = {
  name: 'cyclonedx-xml',
  title: 'CycloneDX 1.6 in XML',
  mediaType: 'application/vnd.cyclonedx+xml; version=1.6',
  specification: 'https://cyclonedx.org/docs/1.6/xml/',

  render: (report, { now }) => cyclonedxXml(cyclonedxDocument(report, now)),
};
