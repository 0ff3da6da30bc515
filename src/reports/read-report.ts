import { ScannerError } from '../model/errors.ts';
import type { ScanReport } from '../model/scan-report.ts';

/**
 * Reads our own JSON report back.
 *
 * @param name of the file, for the error's sentence.
 * @throws ScannerError `report.malformed`, naming the first place that is wrong.
 */
export async function readReport(text: string, name: string): Promise<ScanReport> {
  // Loaded here only: the schema costs more start-up time than a whole scan.
  const { reportSchema } = await import('./report-schema.ts');
  const result = reportSchema.safeParse(parseJson(text, name));
  if (result.success) return result.data as ScanReport;
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
