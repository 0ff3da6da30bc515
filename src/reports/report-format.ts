import type { ScanReport } from '../model/scan-report.ts';

/** What a format may know of where it is read. */
export interface RenderContext {
  readonly color: boolean;
  /** Width of the terminal; undefined where lines may be as long as they are. */
  readonly columns: number | undefined;
  /** For ages ("3 hours ago"); formats for machines do not look at it. */
  readonly now: Date;
  /** For formats that need one: what the user handed over. */
  readonly template?: { readonly name: string; readonly text: string };
}

/** Findings as bytes: the contract of `formats/`. */
export interface ReportFormat {
  /** The name behind `-o`, and that of its file. */
  readonly name: string;
  /** One line for `--help` and the reference. */
  readonly title: string;
  readonly mediaType: string;
  /** Where the format is specified, when others have done so. */
  readonly specification?: string;
  /** What is cleared or ignored is left out: the format has no place for it. */
  readonly onlyOpen?: boolean;
  /** `-o NAME=FILE` names a template that is filled in, not the file that is written. */
  readonly needsTemplate?: boolean;
  /** Pieces of text, so that a report of any size is never held twice. The same report gives the same text, ages aside. */
  render(report: ScanReport, context: RenderContext): Iterable<string> | AsyncIterable<string>;
}
