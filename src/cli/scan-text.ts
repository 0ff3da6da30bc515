import type { ScanView } from '../wire/api-v1/schemas.ts';
import { textTable } from './text-table.ts';

const SEVERITY_COUNTS = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

/** Scans, a line each. */
export function scanTable(scans: readonly ScanView[]): string {
  return textTable(
    scans.map((scan) => [
      scan.id,
      scan.state,
      scan.created_at.slice(0, 19),
      scan.name,
      scan.error?.code ?? openCounts(scan),
    ]),
  );
}

/** What is known of a scan. */
export function scanText(scan: ScanView): string {
  const { error, progress, counts = {} } = scan;
  return textTable([
    ['id', scan.id],
    ['name', scan.name],
    ['state', scan.state],
    ['created', scan.created_at],
    ...(scan.ended_at === undefined ? [] : [['ended', scan.ended_at]]),
    ...(scan.snapshot_id === undefined ? [] : [['snapshot', scan.snapshot_id]]),
    ...(progress ? [['progress', `${progress.stage}, ${progress.done} of ${progress.total}`]] : []),
    ...(error ? [['error', `${error.code}: ${error.message}`]] : []),
    ...Object.entries(counts).map(([name, count]) => [name.replace(/^open_/, 'open, '), String(count)]),
  ]);
}

/** `2 critical, 1 low`; undefined before there is a report. */
export function openCounts({ counts }: ScanView): string | undefined {
  if (!counts) return undefined;
  const open = SEVERITY_COUNTS.flatMap((word) => (counts[`open_${word}`] ? [`${counts[`open_${word}`]} ${word}`] : []));
  return open.length > 0 ? open.join(', ') : 'nothing open';
}
