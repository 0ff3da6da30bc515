import type { ReportFormat } from '../report-format.ts';
import { jsonFormat } from './json.ts';
import { tableFormat } from './table.ts';

/** All report formats, in the order of `--help`. */
export const reportFormats: readonly ReportFormat[] = [tableFormat, jsonFormat];
