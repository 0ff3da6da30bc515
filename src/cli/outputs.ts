import { readFileSync } from 'node:fs';
import { ScannerError } from '../model/errors.ts';
import { writeFileAtomically, writePieces } from '../platform/atomic-file.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import { reasonOf } from '../platform/system-errors.ts';
import { terminalOf } from '../platform/terminal.ts';
import type { RenderContext } from '../reports/report-format.ts';
import type { Invocation, OptionSpec, OptionValues } from './command.ts';

/** `-o FORMAT[=FILE]` of the commands that write documents. */
export const OUTPUT_OPTION: OptionSpec = {
  type: 'string',
  short: 'o',
  multiple: true,
  value: 'FORMAT[=FILE]',
  help: 'what to write, to standard output or a file',
};

/** The values of a repeatable option. */
export function listOf(value: OptionValues[string]): readonly string[] {
  return value === undefined || typeof value === 'boolean' ? [] : [value].flat();
}

/** One document to be written. */
export interface Output<Format> {
  readonly format: Format;
  /** Undefined for standard output. */
  readonly file?: string;
  /** For a format that fills one in. */
  readonly template?: { readonly name: string; readonly text: string };
}

/** What is known of a format before it is used. */
interface NamedFormat {
  readonly name: string;
  readonly needsTemplate?: boolean;
}

/**
 * Reads the values of `-o`.
 *
 * @param values none means the first format, to standard output.
 * @throws ScannerError `report.unknown-format`, `usage.invalid` (two documents on standard output).
 */
export function parseOutputs<Format extends NamedFormat>(
  values: readonly string[],
  formats: readonly Format[],
): readonly Output<Format>[] {
  if (values.length === 0) return formats.slice(0, 1).map((format) => ({ format }));
  const outputs = values.map((value) => parseOutput(value, formats));
  const toStandardOutput = outputs.filter(({ file }) => file === undefined);
  if (toStandardOutput.length > 1) {
    const names = toStandardOutput.map(({ format }) => format.name).join(' and ');
    throw new ScannerError(
      'usage.invalid',
      `only one document fits on standard output, not ${names}: use -o FORMAT=FILE`,
    );
  }
  // Standard output last: who reads it may have seen enough, and the files are written all the same.
  return [...outputs].sort((a, b) => Number(a.file === undefined) - Number(b.file === undefined));
}

function parseOutput<Format extends NamedFormat>(value: string, formats: readonly Format[]): Output<Format> {
  const equals = value.indexOf('=');
  const name = equals < 0 ? value : value.slice(0, equals);
  const file = equals < 0 ? undefined : value.slice(equals + 1);
  const format = formats.find((one) => one.name === name);
  if (!format) {
    const names = formats.map((one) => one.name);
    const hint = didYouMean(name, names);
    throw new ScannerError('report.unknown-format', `-o ${name}: it is one of ${names.join(', ')}${hint}`);
  }
  if (format.needsTemplate) return parseTemplateOutput(format, file);
  if (file === '') throw new ScannerError('usage.invalid', `-o ${name}= needs a file`);
  return file === undefined || file === '-' ? { format } : { format, file };
}

/** `template=FILE[=OUTPUT]`; the template is read at once, so that a wrong name does not cost a scan. */
function parseTemplateOutput<Format extends NamedFormat>(format: Format, text = ''): Output<Format> {
  const [name = '', file] = text.split(/=(.*)/s);
  if (name === '')
    throw new ScannerError('usage.invalid', `-o ${format.name} needs a template: -o ${format.name}=FILE`);
  const template = { name, text: readTemplate(name) };
  return file === undefined || file === '' || file === '-' ? { format, template } : { format, template, file };
}

function readTemplate(name: string): string {
  try {
    return readFileSync(name, 'utf8');
  } catch (cause) {
    throw new ScannerError(
      'usage.invalid',
      `cannot read the template ${name}: ${reasonOf(cause)}`,
      { name },
      { cause },
    );
  }
}

/** A format of documents of one kind. */
interface Renderer<Document> {
  render(document: Document, context: RenderContext): Iterable<string> | AsyncIterable<string>;
}

/**
 * Writes a document in each of the formats asked for; a file is written whole or not at all.
 *
 * @throws ScannerError `report.unwritable`.
 */
export async function writeOutputs<Document>(
  document: Document,
  outputs: readonly Output<Renderer<Document>>[],
  { stdout, env, options, now }: Pick<Invocation, 'stdout' | 'env' | 'options' | 'now'>,
): Promise<void> {
  const terminal = terminalOf(stdout, env, options['no-color'] === true);
  for (const { format, file, template } of outputs) {
    const context = { ...(template && { template }), now: now() };
    if (file === undefined) await writePieces(stdout, format.render(document, { ...terminal, ...context }));
    else await writeFileAtomically(file, format.render(document, { color: false, columns: undefined, ...context }));
  }
}
