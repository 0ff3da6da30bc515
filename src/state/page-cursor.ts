import { ScannerError } from '../model/errors.ts';

/** The last row of a page of rows that are sorted by time, then by id. */
export interface PageEnd {
  readonly createdAtMs: number;
  readonly id: string;
}

/** Where the next page goes on, as a word that means nothing to clients. */
export function writeCursor({ createdAtMs, id }: PageEnd): string {
  return Buffer.from(`${createdAtMs} ${id}`).toString('base64url');
}

/** @throws ScannerError `usage.invalid`. */
export function readCursor(cursor: string): PageEnd {
  const [, time, id] = /^(\d{1,15}) (.{1,128})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined) throw new ScannerError('usage.invalid', 'after: not a cursor that a page gave');
  return { createdAtMs: Number(time), id };
}
