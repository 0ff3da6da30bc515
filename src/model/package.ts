import type { VulnerabilityStatement } from './vulnerability-statement.ts';

/** Where a package was found. */
export interface Location {
  /** Digest of the layer that brought the file; absent for directories and documents. */
  readonly layer?: string;
  /** Path of the file that says so, inside the image. */
  readonly path: string;
}

/** What a package was built from; advisories of dpkg and apk systems name it. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
}

/** What a lister yields: a package as its own database or lockfile states it. */
export interface ListedPackage {
  readonly name: string;
  /** As written; `` when none is stated (then it is listed, and not assessable). rpm: `[epoch:]version-release`, no epoch 0. */
  readonly version: string;
  /** Name of a version scheme, e.g. `dpkg`. */
  readonly versionScheme: string;
  /** purl type: `deb`, `rpm`, `apk`, `npm` … */
  readonly type: string;
  readonly arch?: string;
  readonly source?: SourcePackage;
  /** rpm modularity label, `name:stream:version:context`. */
  readonly module?: string;
  /** Set by listers of language packages (`npm`); an OS package gets the namespace of its image. */
  readonly namespace?: string;
  /** Why it takes no part in matching, e.g. `gpg-pubkey is a key, not software`. */
  readonly filtered?: string;
  /** Facts that travel with the package into SBOMs, e.g. vendor or licence. */
  readonly properties?: Readonly<Record<string, string>>;
  /** CPE 2.3 names that the inventory itself states. */
  readonly cpes?: readonly string[];
  /** What the inventory itself says of vulnerabilities of this package: patched, ignored … */
  readonly statements?: readonly VulnerabilityStatement[];
  /** Of a kernel: configuration symbols without `CONFIG_`, and their values (`y`, `m`, `n`, a text); those not named are unknown. */
  readonly kernelConfig?: Readonly<Record<string, string>>;
  /** Of a kernel: the source files that were compiled, relative to its tree; absent where the inventory does not say. */
  readonly compiledSources?: readonly string[];
  /** Where in the file it was found, if that is an archive: `BOOT-INF/lib/a.jar`. In an inventory it is part of the location. */
  readonly innerPath?: string;
}

/** An installed package in its namespace. */
export interface Package extends ListedPackage {
  /** Stable within one inventory: `<type>/<name>@<version>?arch#<n>`; sorted lists stay sorted. */
  readonly id: string;
  /** Absent when the image says no namespace. */
  readonly namespace?: string;
  readonly purl?: string;
  readonly locations: readonly Location[];
  /** By what its document refers to it, where that may be asked for: CycloneDX's `bom-ref`. */
  readonly ref?: string;
  /** With `--layers all`: digest of the layer that removed it. */
  readonly removedBy?: string;
}
