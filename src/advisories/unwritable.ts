import { ScannerError } from '../model/errors.ts';

/** What a file operation on the database directory failed of, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is no directory',
  EEXIST: 'a part of the path is no directory',
  ENOENT: 'its folder does not exist',
  EISDIR: 'it is a directory',
};

/** SQLite's codes for the same: SQLITE_FULL, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_IOERR. */
const SQLITE_REASONS: Readonly<Record<number, string>> = {
  13: 'no space is left on the disk',
  8: 'the file is read-only',
  14: 'the file cannot be opened for writing',
  3: 'permission denied',
  10: 'reading or writing the file failed',
};

/** The error of a database directory that cannot be written; anything else that was thrown stays what it is. */
export function unwritable(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof ScannerError) return cause;
  const reason =
    'errcode' in cause
      ? SQLITE_REASONS[Number(cause.errcode) & 0xff]
      : 'code' in cause && typeof cause.code === 'string'
        ? REASONS[cause.code]
        : undefined;
  if (reason === undefined) return cause;
  return new ScannerError('database.unwritable', `${path} cannot be written: ${reason}`, { path }, { cause });
}
