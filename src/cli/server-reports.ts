import { reportFormats } from '../reports/formats/registry.ts';
import type { ApiV1Client } from '../wire/api-v1/client.ts';
import type { Invocation } from './command.ts';
import { listOf, OUTPUT_OPTION, type Output, parseOutputs } from './outputs.ts';
import { writeDocument } from './report-files.ts';

/** `-o FORMAT[=FILE]` of the commands that fetch reports. */
export const REPORT_OPTION = {
  ...OUTPUT_OPTION,
  help: 'the report, in a format of `cvescan scan -o`, to standard output or a file',
};

/** Formats that a server renders: templates are the user's own. */
const formats = reportFormats.filter(({ needsTemplate }) => !needsTemplate);

/** @returns what to fetch; nothing where nothing is asked for. @throws ScannerError as `parseOutputs`. */
export function readReportOutputs({
  options,
}: Pick<Invocation, 'options'>): readonly Output<{ readonly name: string }>[] {
  const values = listOf(options.output);
  return values.length === 0 ? [] : parseOutputs(values, formats);
}

/** Fetches a scan's report in each of the formats. */
export async function writeServerReports(
  client: ApiV1Client,
  { id, outputs }: { readonly id: string; readonly outputs: ReturnType<typeof readReportOutputs> },
  invocation: Pick<Invocation, 'stdout'>,
): Promise<void> {
  for (const { format, file } of outputs) await writeDocument(file, [await client.report(id, format.name)], invocation);
}
