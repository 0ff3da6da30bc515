import type { RenderContext } from '../report-format.ts';
import { writeKernelJson } from './json.ts';
import type { KernelReport } from './kernel-report.ts';
import { writeKernelTable } from './table.ts';

/** A form of the answer of `cvescan kernel`. */
export interface KernelReportFormat {
  readonly name: string;
  /** One line for `--help`. */
  readonly title: string;
  render(report: KernelReport, context: RenderContext): Iterable<string>;
}

/** All of them; the first is the default. */
export const kernelReportFormats: readonly KernelReportFormat[] = [
  { name: 'table', title: 'for people: what is open', render: writeKernelTable },
  { name: 'json', title: 'a verdict for each CVE (docs/reference/kernel-report.md)', render: writeKernelJson },
];
