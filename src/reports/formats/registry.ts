import type { ReportFormat } from '../report-format.ts';
import { csafVexFormat } from './csaf-vex.ts';
import { csvFormat } from './csv.ts';
import { cyclonedxJsonFormat } from './cyclonedx-json.ts';
import { cyclonedxVexFormat } from './cyclonedx-vex.ts';
import { cyclonedxXmlFormat } from './cyclonedx-xml.ts';
import { githubFormat } from './github.ts';
import { gitlabFormat } from './gitlab.ts';
import { htmlFormat } from './html.ts';
import { jsonFormat } from './json.ts';
import { junitFormat } from './junit.ts';
import { markdownFormat } from './markdown.ts';
import { openvexFormat } from './openvex.ts';
import { sarifFormat } from './sarif.ts';
import { spdxJsonFormat } from './spdx-json.ts';
import { tableFormat } from './table.ts';
import { templateFormat } from './template.ts';

/** All report formats, in the order of `--help`. */
export const reportFormats: readonly ReportFormat[] = [
  tableFormat,
  jsonFormat,
  sarifFormat,
  cyclonedxJsonFormat,
  cyclonedxXmlFormat,
  cyclonedxVexFormat,
  openvexFormat,
  csafVexFormat,
  spdxJsonFormat,
  htmlFormat,
  markdownFormat,
  csvFormat,
  junitFormat,
  gitlabFormat,
  githubFormat,
  templateFormat,
];
