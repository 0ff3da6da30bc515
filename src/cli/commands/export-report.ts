import { annotateFindings } from '../../assessing/annotate-findings.ts';
import { ScannerError } from '../../model/errors.ts';
import type { ScanReport } from '../../model/scan-report.ts';
import { didYouMean } from '../../platform/nearest-word.ts';
import type { CvescanReport } from '../../reports/cvescan-report/cvescan-report.ts';
import { writeCvescanReport } from '../../reports/cvescan-report/write.ts';
import { reportFormats } from '../../reports/formats/registry.ts';
import { readCvescanReport } from '../../reports/read-report.ts';
import { readOpinions } from '../../scan/read-opinions.ts';
import type { Command, Invocation, OptionValues } from '../command.ts';
import { OPINION_OPTIONS, readScope, SCOPE_OPTIONS } from '../opinion-options.ts';
import { OUTPUT_FILE_OPTION, readReportName, readReportText, writeDocument } from '../report-files.ts';
import { reportRun } from '../report-run.ts';
import { readSettings } from '../settings.ts';

/** Names of report formats that go on from a stored report, beside `json`, which is CVEScan's own. */
const EXPORTED = ['csv', 'html', 'cyclonedx-vex', 'openvex', 'csaf-vex', 'markdown'];
const FORMATS = ['json', ...EXPORTED];

/** `cvescan export-report REPORT`: a report with people's verdicts, in the format that somebody needs. */
export const exportReportCommand: Command = {
  name: 'export-report',
  summary: "Write CVEScan's report, with people's annotations, in another format.",
  usage: 'cvescan export-report REPORT [OPTIONS]',
  description: [
    'REPORT is one of scan-inventory, filter-report or CVEScan, or a JSON report of scan; - is standard input. An annotation holds where',
    "its scope is the report's, or that of the options.",
    '',
    'Example:',
    '  cvescan export-report report.json --annotations annotations.json --format cyclonedx-vex -o vex.cdx.json',
  ].join('\n'),
  options: {
    format: { type: 'string', value: FORMATS.join('|'), help: "json (default) is CVEScan's report" },
    annotations: OPINION_OPTIONS.annotations!,
    output: OUTPUT_FILE_OPTION,
    ...SCOPE_OPTIONS,
  },

  async run(invocation) {
    const { options, positionals } = invocation;
    const file = readReportName(positionals, exportReportCommand.usage);
    const format = readFormat(options);
    const read = await readCvescanReport(await readReportText(file, invocation), file);
    const report = await annotated(read.report, invocation);
    await writeDocument(options.output, format({ ...read, report }, invocation), invocation);
    return 0;
  },
};

type Render = (read: CvescanReport, invocation: Invocation) => Iterable<string> | AsyncIterable<string>;

function readFormat({ format: name = 'json' }: OptionValues): Render {
  const format = reportFormats.find((one) => one.name === name && EXPORTED.includes(one.name));
  if (format) return ({ report }, { now }) => format.render(report, { color: false, columns: undefined, now: now() });
  if (name === 'json') {
    return (read, { options }) => {
      const earlier = read.runs.filter(({ command }) => command !== exportReportCommand.name);
      return writeCvescanReport({ ...read, runs: [...earlier, reportRun(exportReportCommand.name, options)] });
    };
  }
  const hint = didYouMean(String(name), FORMATS);
  throw new ScannerError('report.unknown-format', `--format ${name}: it is one of ${FORMATS.join(', ')}${hint}`);
}

async function annotated(report: ScanReport, invocation: Invocation): Promise<ScanReport> {
  const { options } = invocation;
  const stated = readScope(options, await readSettings(invocation)) ?? report.scope;
  const scoped = stated ? { ...report, scope: stated } : report;
  if (typeof options.annotations !== 'string') return scoped;
  const { annotations } = await readOpinions({ annotations: options.annotations }, stated ?? {});
  if (!annotations) return scoped;
  return {
    ...scoped,
    findings: annotateFindings(report.findings, annotations),
    problems: [...report.problems, ...annotations.problems],
  };
}
