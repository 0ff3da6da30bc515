import { createReadStream } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { writeFileAtomically, writePieces } from '../platform/atomic-file.ts';
import { documentText } from '../platform/document-text.ts';
import { reasonOf } from '../platform/system-errors.ts';
import type { Invocation, OptionSpec, OptionValues } from './command.ts';

/** `-o FILE` of the commands that write one document. */
export const OUTPUT_FILE_OPTION: OptionSpec = {
  type: 'string',
  short: 'o',
  value: 'FILE',
  help: 'where to write; - is standard output (default)',
};

/** What a report that is read may cost: the longest text that the runtime can hold is a little longer. */
export const REPORT_LIMITS = { maxReportBytes: 500 * 1024 ** 2 };

/** The text of a report; `-` is standard input. @throws ScannerError `report.malformed`: it cannot be read, or is too large. */
export async function readReportText(
  file: string,
  { stdin }: Pick<Invocation, 'stdin'>,
  { maxReportBytes } = REPORT_LIMITS,
): Promise<string> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of file === '-' ? stdin : createReadStream(file)) {
      sizeBytes += piece.length;
      if (sizeBytes > maxReportBytes) break;
      pieces.push(Buffer.from(piece));
    }
  } catch (cause) {
    throw new ScannerError('report.malformed', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
  if (sizeBytes > maxReportBytes)
    throw new ScannerError('report.malformed', `${file} is larger than maxReportBytes ${maxReportBytes}`, { file });
  return documentText(Buffer.concat(pieces));
}

/** Writes a document whole or not at all. @throws ScannerError `report.unwritable`. */
export async function writeDocument(
  file: OptionValues[string],
  pieces: Iterable<string> | AsyncIterable<string>,
  { stdout }: Pick<Invocation, 'stdout'>,
): Promise<void> {
  if (typeof file !== 'string' || file === '-') await writePieces(stdout, pieces);
  else await writeFileAtomically(file, pieces);
}

/** The one report of a command. @throws ScannerError `usage.invalid`. */
export function readReportName(positionals: readonly string[], usage: string): string {
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new ScannerError('usage.invalid', `give one report: ${usage}`);
  return file;
}
