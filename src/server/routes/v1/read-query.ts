import { ScannerError } from '../../../model/errors.ts';
import type { PageTokens } from '../../page-tokens.ts';

/** Go's `int`. */
const MAX_INT = 2n ** 63n - 1n;

/** Rows or layers of one page, whatever the client asks for. */
export const MAX_PAGE_LIMIT = 10_000;

/**
 * `limit` of the query, capped at `MAX_PAGE_LIMIT`.
 *
 * @throws ScannerError `request.malformed` with the texts of Clair and of Go's `strconv.Atoi`.
 */
export function readLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) throw malformed('must provide limit query parameter');
  const wrong = (why: string) =>
    malformed(`invalid limit format: strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw wrong('invalid syntax');
  const value = BigInt(text.replace('+', ''));
  if (value > MAX_INT || value < -MAX_INT - 1n) throw wrong('value out of range');
  return Number(value > MAX_PAGE_LIMIT ? MAX_PAGE_LIMIT : value);
}

/**
 * What the page token of the query holds.
 *
 * @param isPage whether a token is one of this route's; those of others are signed as well.
 * @returns undefined without a token: the first page.
 * @throws ScannerError `request.malformed`.
 */
export function readPage<Page>(
  query: URLSearchParams,
  tokens: PageTokens,
  isPage: (value: unknown) => value is Page,
): Page | undefined {
  const token = query.get('page');
  if (token === null) return undefined;
  const page = tokens.read(token);
  if (page === undefined) throw malformed('invalid page format: invalid or expired pagination token');
  if (!isPage(page)) throw malformed('invalid page format: json: cannot unmarshal the token of another route');
  return page;
}

export function malformed(message: string): ScannerError {
  return new ScannerError('request.malformed', message);
}
