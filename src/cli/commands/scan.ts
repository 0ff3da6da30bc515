import { ScannerError } from '../../model/errors.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import { GATE_WORDS, parseGate } from '../../scan/gate.ts';
import { scan } from '../../scan/scan.ts';
import type { Command, OptionValues } from '../command.ts';
import { parseDuration } from '../durations.ts';
import { KERNEL_OPTIONS, KERNEL_TREE_OPTIONS, readKernelRun } from '../kernel-options.ts';
import { OPINION_OPTIONS, readOpinionOptions, SCOPE_OPTIONS } from '../opinion-options.ts';
import { listOf, OUTPUT_OPTION, parseOutputs, writeOutputs } from '../outputs.ts';
import { exitCodeOf, warnOfAge } from '../scan-outcome.ts';
import { readSettings } from '../settings.ts';
import { readLiveOsv, readSourceOptions, SOURCE_OPTIONS } from '../source-options.ts';
import { readTarget, readTargetOptions, TARGET_HELP, TARGET_OPTIONS } from '../target-options.ts';

const DEFAULT_MAX_DB_AGE = '7d';

/** `cvescan scan TARGET`: the main job. */
export const scanCommand: Command = {
  name: 'scan',
  summary: 'Find the known vulnerabilities of an image, a root file system or an SBOM.',
  usage: 'cvescan scan [OPTIONS] TARGET',
  description: [
    TARGET_HELP,
    '',
    'Examples:',
    '  cvescan scan image.tar',
    '  cvescan scan -o table -o json=report.json --fail-on high --only-fixed oci-dir:build/image',
    '',
    `Formats: ${reportFormats.map(({ name, title }) => `${name} (${title})`).join(', ')}`,
  ].join('\n'),
  options: {
    output: OUTPUT_OPTION,
    'fail-on': {
      type: 'string',
      multiple: true,
      value: GATE_WORDS,
      help: 'end with exit code 10 where it holds of what the report lists: --severity, --only-fixed narrow it too',
    },
    severity: { type: 'string', value: 'LEVEL', help: 'list this severity and above only' },
    'only-fixed': { type: 'boolean', help: 'list only what a new version mends' },
    'all-statements': { type: 'boolean', help: 'list also what publishers clear: fixed, not_affected' },
    'max-db-age': {
      type: 'string',
      value: 'AGE',
      help: `warn of sources read longer ago (default ${DEFAULT_MAX_DB_AGE})`,
    },
    strict: { type: 'boolean', help: 'sources read longer ago are a failure' },
    ...SOURCE_OPTIONS,
    ...OPINION_OPTIONS,
    ...KERNEL_TREE_OPTIONS,
    ...KERNEL_OPTIONS,
    ...SCOPE_OPTIONS,
    ...TARGET_OPTIONS,
  },
  exitCodes: [10, 11],

  async run(invocation) {
    const { options, positionals, stdin, now, signal } = invocation;
    const target = readTarget(positionals, scanCommand.usage);
    const outputs = parseOutputs(listOf(options.output), reportFormats);
    const gates = listOf(options['fail-on']).map(parseGate);
    const maxAgeMs = parseDuration(String(options['max-db-age'] ?? DEFAULT_MAX_DB_AGE), '--max-db-age');
    const settings = await readSettings(invocation);
    const listing = { ...readListing(options), ...readSourceOptions(options, settings) };
    const judging = { ...listing, ...(await readOpinionOptions(options, settings)), maxAgeMs, now: now() };

    const { databaseDirectory, cacheDirectory, limits } = settings;
    const inventory = { ...readTargetOptions(options), cacheDirectory, limits, stdin, signal };
    const liveOsv = readLiveOsv(invocation, settings);
    const kernel = await readKernelRun(invocation, settings);
    using report = await scan(target, {
      ...{ ...judging, inventory, databaseDirectory, kernel },
      ...(liveOsv && { liveOsv }),
    });
    await writeOutputs(report, outputs, invocation);
    const isStale = warnOfAge(report, maxAgeMs, invocation);
    return isStale && options.strict ? 1 : exitCodeOf(report, gates, invocation);
  },
};

function readListing({ severity, ...options }: OptionValues) {
  return {
    ...(severity !== undefined && { minSeverity: readSeverity(String(severity)) }),
    onlyFixed: options['only-fixed'] === true,
    allStatements: options['all-statements'] === true,
  };
}

function readSeverity(text: string): Severity {
  const severity = SEVERITIES.find((word) => word === text);
  if (severity) return severity;
  throw new ScannerError('usage.invalid', `--severity ${text}: it is one of ${SEVERITIES.join(', ')}`);
}
