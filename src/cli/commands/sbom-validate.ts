import { ScannerError } from '../../model/errors.ts';
import { printable } from '../../platform/terminal.ts';
import type { Command } from '../command.ts';
import { readTarget } from '../target-options.ts';

/** `cvescan sbom validate FILE`: whether a CycloneDX document keeps to its schema. */
export const sbomValidateCommand: Command = {
  name: 'sbom validate',
  summary: 'Check a CycloneDX document by the schema of its version.',
  usage: 'cvescan sbom validate FILE',
  description: [
    'FILE is CycloneDX 1.2 to 1.7, JSON or XML, compressed or not; - is standard input.',
    'Each fault is a line with its place; the exit code is then 3. A scan reads what it can of such a document.',
  ].join('\n'),
  options: {},

  async run({ positionals, stdin, stdout }) {
    const file = readTarget(positionals, sbomValidateCommand.usage);
    const path = file.startsWith('sbom:') ? file.slice('sbom:'.length) : file;
    const name = path === '-' ? 'standard input' : path;
    const { readDocumentFile, readDocumentStream } = await import('../../inventory/open-document.ts');
    const { validateDocument } = await import('../../inventory/validate-document.ts');
    const bytes = await (path === '-' ? readDocumentStream(stdin as AsyncIterable<Buffer>) : readDocumentFile(path));
    const violations = validate(name, () => validateDocument(bytes));
    for (const { place, what } of violations) stdout.write(`${printable(`${name}: ${place} ${what}`)}\n`);
    if (violations.length > 0) return 3;
    stdout.write(`${printable(name)}: valid\n`);
    return 0;
  },
};

/** An error says of which document it is. */
function validate<Result>(name: string, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    throw new ScannerError(error.code, `${name}: ${error.message}`, error.details, { cause: error });
  }
}
