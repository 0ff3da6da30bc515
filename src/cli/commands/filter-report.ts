import { writeCvescanReport } from '../../reports/cvescan-report/write.ts';
import { readCvescanReport } from '../../reports/read-report.ts';
import { filterKernels, NO_KERNEL_CODE } from '../../scan/filter-kernels.ts';
import type { Command } from '../command.ts';
import { KERNEL_OPTIONS, KERNEL_TREE_OPTIONS, readKernelRun } from '../kernel-options.ts';
import { createProgress } from '../progress.ts';
import { OUTPUT_FILE_OPTION, readReportName, readReportText, writeDocument } from '../report-files.ts';
import { reportRun } from '../report-run.ts';
import { readSettings } from '../settings.ts';
import { SOURCE_DIRECTORY_OPTIONS, useSourceDirectories } from '../source-directories.ts';

/** `cvescan filter-report REPORT`: the vulnerabilities of a report's kernels, judged by what is known of them. */
export const filterReportCommand: Command = {
  name: 'filter-report',
  summary: "Judge the vulnerabilities of a report's kernels by their version, sources and configuration.",
  usage: 'cvescan filter-report REPORT [OPTIONS]',
  description: [
    'Adds to each vulnerability of a kernel what its stages say: patch applied, code removed, safe config, patch available; with what they',
    'rest on. Nothing is deleted, and run again it replaces only what it has written itself. docs/how-to/judge-a-kernel.md tells more.',
    'What it reads: reports of scan-inventory, of CVEScan, and JSON reports of scan; and, for the commits that mend each flaw of a kernel,',
    'the advisory database.',
    '',
    'Example:',
    '  cvescan filter-report report.json --kernel-dir linux --kernel-config .config -o filtered.json',
  ].join('\n'),
  options: {
    output: OUTPUT_FILE_OPTION,
    ...KERNEL_TREE_OPTIONS,
    ...KERNEL_OPTIONS,
    'uct-dir': SOURCE_DIRECTORY_OPTIONS['uct-dir']!,
  },

  async run(invocation) {
    const { options, positionals } = invocation;
    const file = readReportName(positionals, filterReportCommand.usage);
    const { report, runs, ...read } = await readCvescanReport(await readReportText(file, invocation), file);
    const settings = await readSettings(invocation);
    const kernel = await readKernelRun(invocation, settings);
    const databaseDirectory = await useSourceDirectories(invocation, settings);
    using progress = createProgress(invocation);
    const filtered = await filterKernels(report, { ...kernel, databaseDirectory, progress: progress.show });
    progress.end();
    const none = filtered.problems.find(({ code }) => code === NO_KERNEL_CODE);
    if (none && !options.quiet) invocation.stderr.write(`cvescan: ${none.message}\n`);
    const earlier = runs.filter(({ command }) => command !== filterReportCommand.name);
    const written = { ...read, report: filtered, runs: [...earlier, reportRun(filterReportCommand.name, options)] };
    await writeDocument(options.output, writeCvescanReport(written), invocation);
    return 0;
  },
};
