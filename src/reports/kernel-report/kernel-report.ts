import type { KernelFunnel, KernelVerdict, StageReport } from '../../model/kernel-verdict.ts';
import type { SnapshotIdentity } from '../../model/snapshot.ts';

/** What `cvescan kernel` answers. */
export interface KernelReport {
  readonly snapshot: SnapshotIdentity;
  readonly kernel: {
    /** As stated: `6.1.176-1`. */
    readonly release?: string;
    /** As upstream writes it: `6.1.176`. */
    readonly version?: string;
    /** Folder below `arch/`. */
    readonly arch?: string;
  };
  readonly funnel: KernelFunnel;
  readonly stages: readonly StageReport[];
  /** Sorted by year and number. */
  readonly verdicts: readonly KernelVerdict[];
  /** Single vulnerabilities were asked for: their evidence is shown. */
  readonly isDetailed: boolean;
}
