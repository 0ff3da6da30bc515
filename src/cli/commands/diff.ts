import { ScannerError } from '../../model/errors.ts';
import { writePieces } from '../../platform/atomic-file.ts';
import { terminalOf } from '../../platform/terminal.ts';
import { diffJson, diffTable } from '../../reports/diff-text.ts';
import { readCvescanReport } from '../../reports/read-report.ts';
import { diffReports } from '../../reports/report-diff.ts';
import type { Command } from '../command.ts';
import { readReportText } from '../report-files.ts';

/** `cvescan diff A B`: what is between two reports. */
export const diffCommand: Command = {
  name: 'diff',
  summary: 'Compare two reports: what is new, gone and changed, and why.',
  usage: 'cvescan diff [OPTIONS] BEFORE AFTER',
  description: [
    'Of each finding it is said whether the contents changed (another version, a package that came or went), or only what is known (the',
    'advisory databases differ), or only what people and suppliers say. Reports are those of scan -o json and of scan-inventory.',
    '',
    'Example:',
    '  cvescan diff --fail-on-new yesterday.json today.json',
  ].join('\n'),
  options: {
    output: { type: 'string', short: 'o', value: 'table|json', help: 'for people (default), or for programs' },
    'fail-on-new': { type: 'boolean', help: 'end with exit code 10 where something new is affected' },
  },
  exitCodes: [10],

  async run(invocation) {
    const { options, positionals, stdout, stderr, env } = invocation;
    const [first, second, ...more] = positionals;
    if (first === undefined || second === undefined || more.length > 0)
      throw new ScannerError('usage.invalid', `give two reports: ${diffCommand.usage}`);
    const format = options.output ?? 'table';
    if (format !== 'table' && format !== 'json')
      throw new ScannerError('report.unknown-format', `-o ${format}: it is one of table, json`);

    const [before, after] = [
      (await readCvescanReport(await readReportText(first, invocation), first)).report,
      (await readCvescanReport(await readReportText(second, invocation), second)).report,
    ];
    const compared = { before, after, diff: diffReports(before, after) };
    const terminal = terminalOf(stdout, env, options['no-color'] === true);
    await writePieces(stdout, format === 'json' ? diffJson(compared) : diffTable(compared, terminal));

    const newCount = compared.diff.added.filter(({ after: finding }) => finding?.status === 'affected').length;
    if (!options['fail-on-new'] || newCount === 0) return 0;
    if (!options.quiet) stderr.write(`cvescan: the gate is closed by: new findings (${newCount})\n`);
    return 10;
  },
};
