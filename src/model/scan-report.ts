import type { Finding } from './finding.ts';
import type { InventoryLayer, Target } from './inventory.ts';
import type { ReportedKernel } from './kernel-verdict.ts';
import type { Ledger } from './ledger.ts';
import type { Package } from './package.ts';
import type { Problem } from './problem.ts';
import type { Scope } from './scope.ts';
import type { Severity } from './severity.ts';
import type { SnapshotIdentity } from './snapshot.ts';
import type { Cvss, Epss, Kev, Reference, Ssvc } from './vulnerability.ts';

/** A vulnerability as reports list it, once each. */
export interface ReportedVulnerability {
  readonly id: string;
  readonly aliases: readonly string[];
  /** The highest of its findings. */
  readonly severity: Severity;
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly cvss: readonly Cvss[];
  readonly cwes: readonly string[];
  readonly references: readonly Reference[];
  readonly published?: string;
  readonly modified?: string;
  readonly epss?: Epss;
  readonly kev?: Kev;
  readonly ssvc?: Ssvc;
}

/** The findings of one scan, before they become bytes. */
export interface ScanReport {
  readonly target: Target;
  readonly snapshot: SnapshotIdentity;
  /** For what it was made, where the user says so. */
  readonly scope?: Scope;
  readonly namespace?: string;
  /** CPEs of the repositories that a Red Hat image was built from. */
  readonly repositoryCpes?: readonly string[];
  readonly layers: readonly InventoryLayer[];
  readonly packages: readonly Package[];
  readonly vulnerabilities: readonly ReportedVulnerability[];
  readonly findings: readonly Finding[];
  readonly ledger: Ledger;
  /** The kernels among the packages, each with what is left of their vulnerabilities after each step. */
  readonly kernels?: readonly ReportedKernel[];
  readonly problems: readonly Problem[];
}
