import type { Severity } from './severity.ts';
import type { FixState, Status } from './status.ts';

/** `introduced <= v < fixed`, or up to and with `lastAffected`; with neither there is no end. */
export interface AffectedRange {
  /** `0` is the beginning of all versions. */
  readonly introduced: string;
  readonly fixed?: string;
  readonly lastAffected?: string;
}

/** Whether a publisher's package names are those of source or of installed (binary) packages. Language packages: `binary`. */
export type PackageKind = 'source' | 'binary';

/** What restricts an advisory to some of the packages of that name; absent keys restrict nothing. */
export interface AdvisoryQualifiers {
  /** rpm architectures it speaks of. */
  readonly arches?: readonly string[];
  /** rpm module `name:stream`; the installed package must carry that module label. */
  readonly module?: string;
  /** CPEs of the repositories it was published for (Red Hat). */
  readonly repositoryCpes?: readonly string[];
}

/** One publisher's statement on one vulnerability for one package name in one namespace. */
export interface Advisory {
  /** Name of the updater that it came from, e.g. `debian`. */
  readonly source: string;
  /** The publisher's own id of the statement: an erratum (`RHSA-2024:0001`), else the vulnerability's id. */
  readonly advisoryId: string;
  readonly vulnerabilityId: string;
  readonly namespace: string;
  readonly packageName: string;
  readonly packageKind: PackageKind;
  /** Of the versions inside the ranges. Outside them the vendor says "not affected" or "fixed". `not_affected` speaks of all versions unless it has ranges. */
  readonly status: Exclude<Status, 'fixed'>;
  /** Empty with status `affected` and no `versions` means that nothing can be matched. */
  readonly affected: readonly AffectedRange[];
  /** Enumerated affected versions, beside the ranges; equality decides. */
  readonly versions?: readonly string[];
  readonly fixState: FixState;
  /** The publisher's word for this package in this namespace, as ours; absent when none was assigned. */
  readonly severity?: Severity;
  readonly qualifiers?: AdvisoryQualifiers;
  /** The publisher's reason, e.g. `Minor issue` or a fix that needs ESM. */
  readonly note?: string;
  readonly link?: string;
}

/** An advisory as the database holds it, with what a proof needs to name it. */
export interface StoredAdvisory extends Advisory {
  readonly part: string;
  /** Revision of the part. Read when asked for: name it, do not spread the object. */
  readonly revision: string;
}
