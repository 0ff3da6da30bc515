import type { InventoryReport } from '../model/inventory-report.ts';
import type { RenderContext } from './report-format.ts';

/** Inventories as bytes: the contract of `inventory-formats/`. */
export interface InventoryFormat {
  /** The name behind `-o`, and that of its file. */
  readonly name: string;
  /** One line for `--help` and the reference. */
  readonly title: string;
  readonly mediaType: string;
  /** Pieces of text. The same inventory gives the same text, times aside. */
  render(report: InventoryReport, context: RenderContext): Iterable<string>;
}
