import { displayWidth, printable } from '../platform/terminal.ts';

/** Rows with their columns one below the other, two blanks apart; what is absent is empty. */
export function textTable(rows: readonly (readonly (string | undefined)[])[]): string {
  const cells = rows.map((row) => row.map((cell = '') => printable(cell)));
  const columnCount = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: columnCount }, (_, column) =>
    cells.reduce((widest, row) => Math.max(widest, displayWidth(row[column] ?? '')), 0),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat(widths[column]! - displayWidth(cell)))
      .join('  ')
      .trimEnd();
  return cells.map((row) => `${line(row)}\n`).join('');
}
