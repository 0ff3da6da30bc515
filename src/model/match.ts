import type { AdvisoryQualifiers, AffectedRange, StoredAdvisory } from './advisory.ts';
import type { Confidence } from './confidence.ts';
import type { CpeCriteria } from './cpe-configuration.ts';
import type { Location, SourcePackage } from './package.ts';
import type { Severity } from './severity.ts';
import type { FixState, Status } from './status.ts';

/** Why a package matched an advisory: enough to replay the verdict without the database. */
export interface Proof {
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly versionScheme: string;
    /** `` where nothing names one: then a CPE matched. */
    readonly namespace: string;
    readonly source?: SourcePackage;
    readonly arch?: string;
    readonly module?: string;
    readonly locations: readonly Location[];
  };
  /** How the name and version that were compared follow from the package. */
  readonly identity: ProofIdentity;
  readonly advisory: ProofAdvisory;
  /** The comparison that decided. */
  readonly comparison: Comparison;
  /** What other statements on the same vulnerability say of this package, where there are any. */
  readonly others?: readonly Voice[] | undefined;
}

/** Under which name and version a package was asked for; by its purl a repository and a commit. */
export interface ProofIdentity {
  readonly by: 'name' | 'source package' | 'purl' | 'cpe';
  /** Of a CPE its formatted string. */
  readonly name: string;
  readonly version: string;
  /** Of a CPE: how surely it names what the criterion speaks of. */
  readonly confidence?: Confidence;
  /** Why the confidence is not higher; absent where it is `exact`. */
  readonly doubt?: string;
  /** Of a CPE: what the package is made for, as its ecosystem says (`node.js`). */
  readonly targetSoftware?: string;
}

/** An advisory as a proof carries it: what is needed to judge again, and to find it in its feed. */
export interface ProofAdvisory {
  readonly source: string;
  readonly advisoryId: string;
  readonly vulnerabilityId: string;
  readonly part: string;
  readonly revision: string;
  readonly status: Exclude<Status, 'fixed'>;
  readonly fixState: FixState;
  readonly affected: readonly AffectedRange[];
  readonly versions?: readonly string[];
  readonly qualifiers?: AdvisoryQualifiers;
  readonly product?: ProofProduct;
  readonly note?: string;
  readonly link?: string;
}

/** What a configuration of CPEs says: the criterion that decided, and what else must be there. */
export interface ProofProduct {
  readonly criterion: CpeCriteria;
  /** CPEs of which one must be there too; absent where nothing else is asked. */
  readonly needs?: readonly string[];
  /** That the inventory says that none of them is there. */
  readonly isDisproved?: boolean;
}

/** One statement on a package, and what it comes to. */
export interface Voice {
  readonly identity: ProofIdentity;
  readonly advisory: ProofAdvisory;
  readonly status: Status;
  readonly comparison: Comparison;
}

/** One decided question: is this version affected? */
export interface Comparison {
  readonly scheme: string;
  readonly version: string;
  readonly outcome: 'affected' | 'not_affected' | 'undecided';
  /** The range that held the version, or that last excluded it. */
  readonly range?: AffectedRange;
  /** A sentence: `1.2.3 < 1.2.4`, `bound "x" cannot be read`, `listed among the versions`. */
  readonly reason: string;
}

/** A package and an advisory that speaks of its version, with the reasons. */
export interface Match {
  readonly packageId: string;
  /** Canonical id. */
  readonly vulnerabilityId: string;
  readonly status: Status;
  readonly fixState: FixState;
  /** First versions not affected, sorted in the scheme's order where it can be told. */
  readonly fixedVersions: readonly string[];
  /** The publisher's word for this package, and who gave it; absent when none was assigned. */
  readonly severity?: { readonly word: Severity; readonly source: string };
  /** How surely the package is meant; absent where it was matched by its name. */
  readonly confidence?: Confidence;
  /** The statement that decided. */
  readonly advisory: StoredAdvisory;
  readonly proof: Proof;
}
