import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ScannerError } from '../model/errors.ts';
import { writeFileAtomically, writePieces } from '../platform/atomic-file.ts';
import { reasonOf } from '../platform/system-errors.ts';
import type { Invocation, OptionSpec, OptionValues } from './command.ts';

/** `-o FILE` of the commands that write one document. */
export const OUTPUT_FILE_OPTION: OptionSpec = {
  type: 'string',
  short: 'o',
  value: 'FILE',
  help: 'where to write; - is standard output (default)',
};

/** The text of a report; `-` is standard input. @throws ScannerError `report.malformed`: it cannot be read. */
export async function readReportText(file: string, { stdin }: Pick<Invocation, 'stdin'>): Promise<string> {
  if (file === '-') return text(stdin);
  try {
    return await text(createReadStream(file));
  } catch (cause) {
    throw new ScannerError('report.malformed', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
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
