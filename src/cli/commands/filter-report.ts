import { writeCvescanReport } from '../../reports/cvescan-report/write.ts';
import { readCvescanReport } from '../../reports/read-report.ts';
import type { Command } from '../command.ts';
import { OUTPUT_FILE_OPTION, readReportName, readReportText, writeDocument } from '../report-files.ts';
import { reportRun } from '../report-run.ts';

const NOT_EXAMINED = 'kernel.not-examined';

/** `cvescan filter-report REPORT`: the place where vulnerabilities of a kernel are examined. */
export const filterReportCommand: Command = {
  name: 'filter-report',
  summary: "Read CVEScan's report and write it anew; kernels are not examined yet.",
  usage: 'cvescan filter-report REPORT [OPTIONS]',
  description: [
    'This version does not examine kernels: all verdicts stay as they are, and the report says so among its problems.',
    'What it reads: reports of scan-inventory, of CVEScan, and JSON reports of scan.',
    '',
    'Example:',
    '  cvescan filter-report report.json -o filtered.json',
  ].join('\n'),
  options: {
    output: OUTPUT_FILE_OPTION,
    'linux-dir': { type: 'string', value: 'DIR', help: 'a clone of the stable tree; not used yet' },
    'uct-dir': { type: 'string', value: 'DIR', help: 'a clone of the Ubuntu CVE Tracker; not used yet' },
    'kernel-dir': { type: 'string', value: 'DIR', help: "a vendor's kernel tree; not used yet" },
    'kernel-rev': { type: 'string', value: 'REV', help: 'the revision that was built; not used yet' },
    lkconfig: { type: 'string', value: 'FILE', help: 'the configuration of the kernel; not used yet' },
  },

  async run(invocation) {
    const { options, positionals, stderr } = invocation;
    const file = readReportName(positionals, filterReportCommand.usage);
    const { report, runs, ...read } = await readCvescanReport(await readReportText(file, invocation), file);
    const message =
      'the vulnerabilities of kernels were not examined: this version of filter-report cannot do that yet';
    // Run again it replaces what it has written itself.
    const problems = [...report.problems.filter(({ code }) => code !== NOT_EXAMINED), { code: NOT_EXAMINED, message }];
    const earlier = runs.filter(({ command }) => command !== filterReportCommand.name);
    const filtered = {
      ...read,
      report: { ...report, problems },
      runs: [...earlier, reportRun(filterReportCommand.name, options)],
    };
    await writeDocument(options.output, writeCvescanReport(filtered), invocation);
    if (!options.quiet) stderr.write(`cvescan: ${message}\n`);
    return 0;
  },
};
