import { openSnapshot } from '../advisories/open-snapshot.ts';
import { loadCvssScorer } from '../documents/cvss.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ScanReport } from '../model/scan-report.ts';
import { type JudgeOptions, type JudgingSource, judge } from './judge.ts';
import type { LiveOsvOptions, LiveSource } from './live-osv.ts';
import { type TakeInventoryOptions, takeInventory } from './take-inventory.ts';

/** How a target is scanned. */
export interface ScanOptions extends JudgeOptions {
  readonly inventory: TakeInventoryOptions;
  readonly databaseDirectory: string;
  /** Asks OSV itself of language packages; absent: the database says what OSV said. */
  readonly liveOsv?: Omit<LiveOsvOptions, 'now'>;
  /** Told when a part of the work begins. */
  readonly onStage?: (stage: ScanStage) => void;
}

/** The parts of a scan, in their order. */
export type ScanStage = 'inventory' | 'detection';

/** A report that reads the texts of its vulnerabilities from the database as they are asked for: to be disposed of when it is written. */
export type OpenReport = ScanReport & Disposable;

/**
 * The main job: which packages a target holds, and which known vulnerabilities they have.
 *
 * The inventory comes first: that a target cannot be read is worth more to its owner than that the database is missing.
 *
 * @throws ScannerError what `takeInventory` and `openSnapshot` throw.
 */
export async function scan(
  target: string,
  { inventory: options, databaseDirectory, liveOsv, onStage = () => {}, ...judging }: ScanOptions,
): Promise<OpenReport> {
  onStage('inventory');
  const [inventory, scoreOf] = await Promise.all([takeInventory(target, options), loadCvssScorer()]);
  onStage('detection');
  const snapshot = openSnapshot(databaseDirectory, { target });
  try {
    const { source, problems } = await withLiveOsv(snapshot, inventory, judging, liveOsv);
    const known = { ...inventory, problems: [...inventory.problems, ...problems] };
    return { ...judge(known, source, { scoreOf, ...judging }), [Symbol.dispose]: () => snapshot.close() };
  } catch (error) {
    snapshot.close();
    throw error;
  }
}

async function withLiveOsv(
  snapshot: JudgingSource,
  { packages }: Inventory,
  { now, sources }: JudgeOptions,
  options: ScanOptions['liveOsv'],
): Promise<LiveSource> {
  if (!options || sources?.detection.has('osv') === false) return { source: snapshot, problems: [] };
  const { askLiveOsv } = await import('./live-osv.ts');
  return askLiveOsv(snapshot, packages, { ...options, now });
}
