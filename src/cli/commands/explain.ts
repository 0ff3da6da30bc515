import { type Replay, replay } from '../../matching/replay.ts';
import { ScannerError } from '../../model/errors.ts';
import type { Finding } from '../../model/finding.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { writePieces } from '../../platform/atomic-file.ts';
import { terminalOf } from '../../platform/terminal.ts';
import { explainFinding } from '../../reports/explain-finding.ts';
import { jsonPieces } from '../../reports/json-pieces.ts';
import { paintFor } from '../../reports/paint.ts';
import { readReport } from '../../reports/read-report.ts';
import type { Command, Invocation } from '../command.ts';
import { readReportText } from '../report-files.ts';

/** `cvescan explain FINGERPRINT REPORT`: why a finding is one. */
export const explainCommand: Command = {
  name: 'explain',
  summary: 'Tell why a finding is one, and judge it again without the database.',
  usage: 'cvescan explain [OPTIONS] FINGERPRINT REPORT',
  description: [
    'FINGERPRINT is that of a finding, its first digits, or the id of a vulnerability (all its findings). REPORT is a JSON report of',
    '`cvescan scan`, or - for standard input. The proof is replayed: where the report does not follow from it, that is said, and the',
    'exit code is 3.',
    '',
    'Examples:',
    '  cvescan scan -o json=report.json image.tar',
    '  cvescan explain CVE-2024-5535 report.json',
  ].join('\n'),
  options: {
    output: { type: 'string', short: 'o', value: 'FORMAT', help: 'text (default) or json' },
  },

  async run(invocation) {
    const [wanted, file, ...more] = invocation.positionals;
    if (wanted === undefined || file === undefined || more.length > 0) {
      throw new ScannerError('usage.invalid', `give a fingerprint and a report: ${explainCommand.usage}`);
    }
    const format = invocation.options.output ?? 'text';
    if (format !== 'text' && format !== 'json') {
      throw new ScannerError('report.unknown-format', `-o ${format}: it is one of text, json`);
    }
    const report = await readReport(await readReportText(file, invocation), file);
    const replayed = findingsOf(report, wanted, file).map((finding) => ({ finding, ...replay(finding) }));
    await writePieces(invocation.stdout, format === 'json' ? jsonOf(replayed) : textOf(replayed, report, invocation));
    return replayed.some(({ differences }) => differences.length > 0) ? 3 : 0;
  },
};

type Replayed = Replay & { readonly finding: Finding };

/** Shorter beginnings of a fingerprint would often be those of several. */
const MIN_PREFIX = 4;

function findingsOf({ findings }: ScanReport, wanted: string, file: string): readonly Finding[] {
  const isId = ({ vulnerability: { id, aliases } }: Finding) => id === wanted || aliases.includes(wanted);
  const named = findings.filter(isId);
  if (named.length > 0) return named;
  const prefixed =
    wanted.length < MIN_PREFIX ? [] : findings.filter(({ fingerprint }) => fingerprint.startsWith(wanted));
  if (prefixed.length === 1) return prefixed;
  const problem =
    prefixed.length > 1
      ? `${prefixed.length} findings of ${file} begin with`
      : `no finding of ${file} has the fingerprint`;
  throw new ScannerError('finding.unknown', `${problem} ${wanted}`, { wanted });
}

function jsonOf(replayed: readonly Replayed[]): Iterable<string> {
  return jsonPieces({
    explanations: replayed.map(({ finding, status, differences }) => ({
      finding,
      replay: { ...(status && { status }), agrees: differences.length === 0, differences },
    })),
  });
}

function textOf(
  replayed: readonly Replayed[],
  report: ScanReport,
  { stdout, env, options }: Invocation,
): readonly string[] {
  const paint = paintFor(terminalOf(stdout, env, options['no-color'] === true).color);
  return replayed.map(
    (one, index) => `${index > 0 ? '\n' : ''}${explainFinding(one.finding, { report, replay: one, paint })}`,
  );
}
