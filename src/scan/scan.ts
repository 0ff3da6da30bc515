import { openSnapshot } from '../advisories/open-snapshot.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ScanReport } from '../model/scan-report.ts';
import type { ExaminedKernels, KernelOptions } from './examine-kernels.ts';
import { type JudgeOptions, type JudgingSource, judge } from './judge.ts';
import { kernelPackages } from './kernel-packages.ts';
import type { KernelLines } from './kernel-vulnerabilities.ts';
import type { LiveOsvOptions, LiveSource } from './live-osv.ts';
import { type TakeInventoryOptions, takeInventory } from './take-inventory.ts';

/** How a target is scanned. */
export interface ScanOptions extends Omit<JudgeOptions, 'kernels'> {
  readonly inventory: TakeInventoryOptions;
  readonly databaseDirectory: string;
  /** Asks OSV itself of language packages; absent: the database says what OSV said. */
  readonly liveOsv?: Omit<LiveOsvOptions, 'now'>;
  /** What the user has of a kernel of the target; without it the kernel's version alone is judged. */
  readonly kernel?: KernelOptions;
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
  { inventory: options, databaseDirectory, liveOsv, kernel, onStage = () => {}, ...judging }: ScanOptions,
): Promise<OpenReport> {
  onStage('inventory');
  const inventory = await takeInventory(target, options);
  onStage('detection');
  const snapshot = openSnapshot(databaseDirectory, { target });
  try {
    const { source, problems } = await withLiveOsv(snapshot, inventory, judging, liveOsv);
    const kernels = await kernelsOf(inventory, snapshot, kernel);
    const known = { ...inventory, problems: [...inventory.problems, ...problems] };
    return {
      ...judge(known, source, { ...(kernels && { kernels }), ...judging }),
      [Symbol.dispose]: () => snapshot.close(),
    };
  } catch (error) {
    snapshot.close();
    throw error;
  }
}

/** The kernels of an inventory; what judges them is loaded only where there is one. */
export async function kernelsOf(
  { packages }: Inventory,
  lines: KernelLines,
  options: KernelOptions = {},
): Promise<ExaminedKernels | undefined> {
  const found = kernelPackages(packages);
  if (found.length === 0) return undefined;
  const { examineKernels } = await import('./examine-kernels.ts');
  return examineKernels(found, lines, options);
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
