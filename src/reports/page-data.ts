import type { Finding } from '../model/finding.ts';
import type { Package } from '../model/package.ts';
import type { ReportedVulnerability, ScanReport } from '../model/scan-report.ts';

// What the HTML report hands to the script of its page (web/report), as blocks of JSON. What the table needs is read at once; proofs and
// texts, which are most of it, only when a row is opened: so a report of 70,000 findings opens as fast as one of 70.

/** How many elements a block holds that is read when one of them is asked for. */
export const DETAILS_PER_BLOCK = 250;

/** The report as a whole. */
export interface PageHead {
  readonly tool: string;
  readonly created: string;
  readonly target: ScanReport['target'];
  readonly namespace?: string | undefined;
  readonly snapshot: ScanReport['snapshot'];
  readonly ledger: Omit<ScanReport['ledger'], 'notAssessed'>;
  readonly notAssessed: readonly { readonly name: string; readonly reason: string }[];
  readonly problems: ScanReport['problems'];
  readonly layers: ScanReport['layers'];
}

/** A package with findings: name, version, namespace or type, path, index of its layer or -1, name of its source package. */
export type PagePackage = readonly [
  name: string,
  version: string,
  namespace: string,
  path: string,
  layer: number,
  source: string,
];

/** A vulnerability in a row: id, other ids, title, EPSS or -1, whether it is exploited, score or -1. */
export type PageVulnerability = readonly [
  id: string,
  aliases: string,
  title: string,
  epss: number,
  isExploited: boolean,
  score: number,
];

/** A finding in the table, by indexes into the other lists. */
export type PageFinding = readonly [
  vulnerability: number,
  packageIndex: number,
  severity: number,
  fix: string,
  isOpen: boolean,
  hasFix: boolean,
];

/** What is shown of a finding when it is opened, beside its vulnerability. */
export type PageFindingDetails = Pick<
  Finding,
  | 'status'
  | 'fixState'
  | 'fixedVersions'
  | 'severity'
  | 'introducedBy'
  | 'fingerprint'
  | 'issueKey'
  | 'confidence'
  | 'assessments'
  | 'vex'
  | 'contradiction'
  | 'annotation'
  | 'ignored'
> & {
  readonly reason: string;
  readonly purl?: string | undefined;
  readonly arch?: string | undefined;
  readonly locations: Package['locations'];
  readonly proof: Omit<Finding['proof'], 'package'>;
};

/** What is shown of a vulnerability when a finding of it is opened. */
export type PageVulnerabilityDetails = Omit<ReportedVulnerability, 'id' | 'aliases'> & { readonly url: string };

/** A block of the page: the class of its element, and its JSON value. */
export interface PageBlock {
  readonly kind: 'head' | 'packages' | 'vulnerabilities' | 'findings' | 'finding-details' | 'vulnerability-details';
  readonly value: unknown;
}
