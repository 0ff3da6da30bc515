import { ScannerError } from '../../model/errors.ts';
import { writeCvescanReport } from '../../reports/cvescan-report/write.ts';
import { scan } from '../../scan/scan.ts';
import type { Command, OptionValues } from '../command.ts';
import { parseDuration } from '../durations.ts';
import { KERNEL_OPTIONS, KERNEL_TREE_OPTIONS, readKernelRun } from '../kernel-options.ts';
import { OPINION_OPTIONS, readOpinionOptions, SCOPE_OPTIONS } from '../opinion-options.ts';
import { OUTPUT_FILE_OPTION, writeDocument } from '../report-files.ts';
import { reportRun } from '../report-run.ts';
import { exitCodeOf, warnOfAge } from '../scan-outcome.ts';
import { readSettings } from '../settings.ts';
import { SOURCE_DIRECTORY_OPTIONS, useSourceDirectories } from '../source-directories.ts';
import { readLiveOsv, readSourceOptions, SOURCE_OPTIONS } from '../source-options.ts';
import { readTargetOptions, TARGET_OPTIONS } from '../target-options.ts';

/** As G3 of the decisions has it: a scan says so where a source is older. */
const MAX_DB_AGE = '7d';

/** `cvescan scan-inventory`: an inventory against the databases, in CVEScan's own report. */
export const scanInventoryCommand: Command = {
  name: 'scan-inventory',
  summary: "Find the known vulnerabilities of an inventory, and write CVEScan's report.",
  usage: 'cvescan scan-inventory --inventory FILE [OPTIONS]',
  description: [
    'The report has all that the databases know of the products: also versions that they do not flag (version mismatch), with',
    '`vulnerable` false. docs/reference/cvescan-report.md describes it. filter-report and export-report go on from there.',
    '',
    'Example:',
    '  cvescan scan-inventory --inventory-format cvescan --inventory inventory.json --scope.project Gateway -o report.json',
  ].join('\n'),
  options: {
    inventory: { type: 'string', value: 'FILE', help: 'the inventory or SBOM; - is standard input' },
    'inventory-format': TARGET_OPTIONS['inventory-format']!,
    distro: TARGET_OPTIONS.distro!,
    limit: TARGET_OPTIONS.limit!,
    output: OUTPUT_FILE_OPTION,
    ...SCOPE_OPTIONS,
    ...SOURCE_OPTIONS,
    ...OPINION_OPTIONS,
    ...KERNEL_TREE_OPTIONS,
    ...KERNEL_OPTIONS,
    ...SOURCE_DIRECTORY_OPTIONS,
  },
  exitCodes: [11],

  async run(invocation) {
    const { options, positionals, stdin, now, signal } = invocation;
    const file = readInventoryName(options, positionals);
    const settings = await readSettings(invocation);
    const maxAgeMs = parseDuration(MAX_DB_AGE, 'the age of sources');
    const opinions = await readOpinionOptions(options, settings);
    const databaseDirectory = await useSourceDirectories(invocation, settings);

    const liveOsv = readLiveOsv(invocation, settings);
    const report = await scan(`sbom:${file}`, {
      ...{ ...readSourceOptions(options, settings), ...opinions, maxAgeMs, allStatements: true, now: now() },
      ...(liveOsv && { liveOsv }),
      ...{ databaseDirectory, inventory: { ...readTargetOptions(options), limits: settings.limits, stdin, signal } },
      kernel: await readKernelRun(invocation, settings),
    });
    const runs = [reportRun(scanInventoryCommand.name, options)];
    const generatedAt = now().toISOString();
    await writeDocument(options.output, writeCvescanReport({ report, generatedAt, runs }), invocation);
    warnOfAge(report, maxAgeMs, invocation);
    return exitCodeOf(report, [], invocation);
  },
};

function readInventoryName({ inventory }: OptionValues, positionals: readonly string[]): string {
  const files = [...(typeof inventory === 'string' ? [inventory] : []), ...positionals];
  const [file, ...more] = files;
  if (file !== undefined && more.length === 0) return file;
  throw new ScannerError('usage.invalid', `give one inventory: ${scanInventoryCommand.usage}`);
}
