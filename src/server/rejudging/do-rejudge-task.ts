import { createReadStream, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import { openSnapshot, openSnapshotFile } from '../../advisories/open-snapshot.ts';
import { loadCvssScorer } from '../../documents/cvss.ts';
import { ScannerError } from '../../model/errors.ts';
import { jsonFormat } from '../../reports/formats/json.ts';
import { readReport } from '../../reports/read-report.ts';
import { judgeAgain } from './judge-again.ts';
import { createComparison } from './questions.ts';
import type { JudgedScan, RejudgeAnswer, RejudgeTask } from './rejudge-task.ts';

/** Compares snapshots, or judges reports: what the process of `rejudge-task.ts` does. It blocks, and reports are untrusted. */
export async function doRejudgeTask(task: RejudgeTask): Promise<Exclude<RejudgeAnswer, { failure: string }>> {
  if (task.kind === 'compare') {
    using old = openSnapshotFile(task.oldFile);
    using now = openSnapshotFile(task.newFile);
    const isTouched = createComparison(old, now);
    return { touched: task.questions.filter(isTouched) };
  }
  using snapshot = openSnapshot(task.directory, { id: task.snapshotId });
  const scoreOf = await loadCvssScorer();
  const judged: JudgedScan[] = [];
  for (const scan of task.scans) {
    try {
      const stored = await readReport(
        await text(createReadStream(scan.reportFile).pipe(createGunzip())),
        'the stored report',
      );
      const now = new Date();
      const { questions, change } = await judgeAgain(stored, { snapshot, options: scan.options, now, scoreOf });
      if (change) writeReport(scan.reportFile, change.report, now);
      judged.push({ id: scan.id, questions, ...(change && { counts: change.counts, changes: change.changes }) });
    } catch (error) {
      // A report that cannot be read is what it is: nobody judges it.
      if (!(error instanceof ScannerError) && !isZlibError(error)) throw error;
      judged.push({ id: scan.id, questions: [], failure: messageOf(error) });
    }
  }
  return { judged };
}

/** In the place of the one before. */
function writeReport(file: string, report: Parameters<typeof jsonFormat.render>[0], now: Date): void {
  const pieces = jsonFormat.render(report, { color: false, columns: undefined, now }) as Iterable<string>;
  writeFileSync(file, gzipSync([...pieces].join('')));
}

const isZlibError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');

export function messageOf(error: unknown): string {
  return error instanceof ScannerError
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
}
