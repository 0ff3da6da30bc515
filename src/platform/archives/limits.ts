import { ScannerError } from '../../model/errors.ts';

/** What an archive may cost. Every value counts per archive; going above it is `archive.limit-exceeded`. */
export interface ArchiveLimits {
  /** Bytes that come out of decompression. */
  readonly maxDecompressedBytes: number;
  /** Decompressed bytes for each compressed byte; looked at once more than `ratioFreeBytes` came out. */
  readonly maxCompressionRatio: number;
  /** A small archive of zeros is no bomb: below this many decompressed bytes any ratio will do. */
  readonly ratioFreeBytes: number;
  /** Bytes of one path, or of one link's target, in UTF-8. */
  readonly maxPathBytes: number;
  /** Bytes of one pax or GNU extension header. */
  readonly maxExtensionBytes: number;
}

/** Far above what honest archives need, far below what hurts. */
export const DEFAULT_ARCHIVE_LIMITS: ArchiveLimits = {
  maxDecompressedBytes: 32 * 1024 ** 3,
  maxCompressionRatio: 200,
  ratioFreeBytes: 64 * 1024 ** 2,
  maxPathBytes: 4096,
  maxExtensionBytes: 1024 ** 2,
};

/** The one way to say that a limit was passed: with its name and value in text and details. */
export function limitExceeded(limit: string, value: number, what: string): ScannerError {
  return new ScannerError('archive.limit-exceeded', `${what}: above the limit ${limit} = ${value}`, { limit, value });
}

/** An archive that breaks its own format. @param what e.g. `gzip stream`. */
export function damaged(what: string, cause?: unknown): ScannerError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new ScannerError('archive.damaged', `${what}${reason}`, {}, cause === undefined ? {} : { cause });
}
