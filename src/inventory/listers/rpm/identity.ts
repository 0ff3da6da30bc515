import type { SourcePackage } from '../../../model/package.ts';

/** `[epoch:]version-release`: an epoch of 0 is not written, as no epoch means 0. */
export function rpmVersion(epoch: number, versionRelease: string): string {
  return epoch === 0 ? versionRelease : `${epoch}:${versionRelease}`;
}

/**
 * `openssl-3.0.8-1.el9.src.rpm` -> openssl, 3.0.8-1.el9; undefined where no source is named.
 * A file's name tells no epoch, and a package's need not be that of its source: none is added.
 */
export function sourceOfRpm(file: string | undefined): SourcePackage | undefined {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file ?? '') ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** Why a package takes no part in matching: rpm lists imported keys like packages. */
export function filteredReason(name: string): string | undefined {
  return name === 'gpg-pubkey' ? 'gpg-pubkey is a key, not software' : undefined;
}
