import type { Advisory } from '../model/advisory.ts';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import type { KernelBackport } from '../model/kernel-backport.ts';
import type { KernelGroup } from '../model/kernel-vulnerability.ts';
import type { Epss, Kev, VulnerabilityRecord } from '../model/vulnerability.ts';

/** One fact of a feed; `source` is filled in by the caller. What an updater's `parse` yields inside a part. */
export type FeedRecord =
  | ({ readonly kind: 'advisory' } & Omit<Advisory, 'source'>)
  | ({ readonly kind: 'vulnerability' } & Omit<VulnerabilityRecord, 'source'>)
  | { readonly kind: 'cpe'; readonly vulnerabilityId: string; readonly configurations: readonly CpeConfiguration[] }
  | ({ readonly kind: 'epss'; readonly vulnerabilityId: string } & Epss)
  | ({ readonly kind: 'kev'; readonly vulnerabilityId: string } & Kev)
  | BreakFixRecord
  | KernelRecord
  | BackportRecord;

/** What the kernel's CVE team says of a flaw, for judging kernels. */
export interface KernelRecord {
  readonly kind: 'kernel';
  readonly vulnerabilityId: string;
  readonly title: string;
  readonly isRejected?: boolean;
  readonly groups: readonly KernelGroup[];
  /** Commit ids, 40 hex digits. */
  readonly mainlineFixes: readonly string[];
  /** Sorted. */
  readonly files: readonly string[];
}

/** Commits of distributions whose messages do not name the mainline commit that they bring: Ubuntu keeps a list by hand. */
export interface BackportRecord {
  readonly kind: 'backports';
  readonly backports: readonly KernelBackport[];
}

/** Ubuntu's lines on a flaw of the package `linux`: which commits brought it and which mended it. As written; one line, one hole. */
export interface BreakFixRecord {
  readonly kind: 'break-fix';
  readonly vulnerabilityId: string;
  /** What stands behind `break-fix:`, e.g. `1da177e4… 7c2a69f6…`, one a line. */
  readonly lines: readonly string[];
}

/** A part of a feed: replaced at once, with everything that it holds. Contracts: records.md section 2. */
export interface FeedPart {
  /** Unique within its source: a CVE, an OSV id, a file. */
  readonly part: string;
  /** What says "nothing new" of this part; by text order a later revision is newer where a source states dates. */
  readonly revision: string;
  readonly records: readonly FeedRecord[];
}
