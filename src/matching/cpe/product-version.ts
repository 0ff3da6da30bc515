import { ScannerError } from '../../model/errors.ts';
import { getScheme } from '../../versions/registry.ts';

/** A version as NVD compares it. */
export interface ProductVersion {
  /** `` where none is stated. */
  readonly text: string;
  /** Absent where the scheme cannot read it. */
  readonly parsed?: unknown;
}

/** The name of the scheme in which products' versions are compared. */
export const PRODUCT_SCHEME = 'cpe';

const scheme = getScheme(PRODUCT_SCHEME);

/** Reads a version; one that cannot be read keeps its text, by which it may still equal another. */
export function readProductVersion(text: string): ProductVersion {
  try {
    return { text, parsed: scheme.parse(text) };
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'version.malformed') return { text };
    throw error;
  }
}

/** `9.11.3-p1` of `9.11.3` and `p1`. */
export function joinUpdate(version: string, update: string | undefined): string {
  return update === undefined ? version : `${version}-${update}`;
}

/** Below 0, 0 or above 0 as the version is below, at or above the bound; undefined where they cannot be compared. */
export function compareToBound({ text, parsed }: ProductVersion, bound: string): number | undefined {
  if (text === bound) return 0;
  const read = readProductVersion(bound);
  return parsed === undefined || read.parsed === undefined ? undefined : scheme.compare(parsed, read.parsed);
}
