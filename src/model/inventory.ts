import type { Package } from './package.ts';
import type { Problem } from './problem.ts';

/** All packages of one scan target, however obtained. */
export interface Inventory {
  /** The target as a report names it. */
  readonly target: Target;
  /** e.g. `debian:12`; absent when nothing says so. */
  readonly namespace?: string;
  /** CPEs of the repositories that a Red Hat image was built from; empty elsewhere. */
  readonly repositoryCpes?: readonly string[];
  /** Sorted by type, name, version, arch, first location. */
  readonly packages: readonly Package[];
  readonly layers: readonly InventoryLayer[];
  readonly problems: readonly Problem[];
}

/** What was scanned. */
export interface Target {
  readonly kind: 'image' | 'directory' | 'sbom';
  /** As the user named it. */
  readonly name: string;
  /** Digest of the image's manifest, or its id; absent for directories. */
  readonly digest?: string;
  /** `os/arch[/variant]` of an image. */
  readonly platform?: string;
  /** Of an SBOM that states one: `urn:uuid:…`; VEX documents refer to it. */
  readonly serialNumber?: string;
}

/** A layer as a report lists it. */
export interface InventoryLayer {
  readonly index: number;
  readonly digest: string;
  readonly createdBy?: string;
  /** Whether its bytes were compared with its digest. */
  readonly verification: 'verified' | 'not_verified';
}
