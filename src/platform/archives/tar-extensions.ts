import { damaged } from './limits.ts';

/** What extension headers state of the entry behind them. */
export interface TarExtension {
  path?: string;
  linkPath?: string;
  sizeBytes?: number;
  isSparse?: boolean;
}

/**
 * Reads pax records (`<length> <key>=<value>\n`) into what we use of them; the rest is left out.
 * @throws ScannerError `archive.damaged`, as for a number that is none or a record that is longer than its header.
 * Source: POSIX.1 pax, "pax Extended Header"; GNU tar manual, "Storing Sparse Files".
 */
export function parsePaxRecords(body: Buffer): TarExtension {
  const extension: TarExtension = {};
  let sparseName: string | undefined;
  for (const [key, value] of paxRecords(body)) {
    if (key === 'path') extension.path = value;
    else if (key === 'linkpath') extension.linkPath = value;
    else if (key === 'size') extension.sizeBytes = parseSize(value);
    else if (key.startsWith('GNU.sparse.')) {
      extension.isSparse = true;
      if (key === 'GNU.sparse.name') sparseName = value;
    }
  }
  // Sparse format 1.0 hides the real name here; `path` is that of a stand-in.
  if (sparseName !== undefined) extension.path = sparseName;
  return extension;
}

function* paxRecords(body: Buffer): Generator<readonly [key: string, value: string]> {
  let start = 0;
  while (start < body.length && body[start] !== 0) {
    const space = body.indexOf(0x20, start);
    const length = space < 0 ? Number.NaN : parseSize(body.toString('latin1', start, space));
    const end = start + length;
    if (!(end <= body.length) || end <= space + 1 || body[end - 1] !== 0x0a) throw damaged('broken pax record');
    const equals = body.indexOf(0x3d, space + 1);
    if (equals < 0 || equals >= end) throw damaged('pax record without a key');
    yield [body.toString('utf8', space + 1, equals), body.toString('utf8', equals + 1, end - 1)];
    start = end;
  }
}

function parseSize(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw damaged('a number in a pax header cannot be read');
  return value;
}

/** A GNU long name is a text that ends at its first NUL. */
export function parseGnuLongName(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString('utf8', 0, end < 0 ? body.length : end);
}
