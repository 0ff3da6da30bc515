import type { ZodSafeParseResult } from 'zod';
import { ScannerError } from '../model/errors.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { asFields } from '../platform/json-values.ts';
import type { CvescanReport } from './cvescan-report/cvescan-report.ts';

/**
 * Reads our own JSON report back.
 *
 * @param name of the file, for the error's sentence.
 * @throws ScannerError `report.malformed`, naming the first place that is wrong.
 */
export async function readReport(text: string, name: string): Promise<ScanReport> {
  return checkReport(parseJson(text, name), name);
}

/**
 * Reads CVEScan's report, ours or another program's, or our own JSON report.
 *
 * @throws ScannerError as `readReport`.
 */
export async function readCvescanReport(text: string, name: string): Promise<CvescanReport> {
  const json = parseJson(text, name);
  if (typeof asFields(json).schemaVersion === 'string') return { report: await checkReport(json, name), runs: [] };
  const [{ cvescanReportSchema }, { cvescanReportOf }] = await Promise.all([
    import('./cvescan-report/schema.ts'),
    import('./cvescan-report/read.ts'),
  ]);
  return cvescanReportOf(checked(cvescanReportSchema.safeParse(json), name));
}

async function checkReport(json: unknown, name: string): Promise<ScanReport> {
  // Loaded here only: the schema costs more start-up time than a whole scan.
  const { reportSchema } = await import('./report-schema.ts');
  return checked(reportSchema.safeParse(json), name) as ScanReport;
}

function checked<Value>(result: ZodSafeParseResult<Value>, name: string): Value {
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') || 'the document';
  throw new ScannerError('report.malformed', `${name} is no report of cvescan: ${place}: ${issue?.message ?? ''}`, {
    name,
  });
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('report.malformed', `${name} is no JSON document`, { name }, { cause });
  }
}
