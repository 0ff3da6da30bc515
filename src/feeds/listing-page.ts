import { ScannerError } from '../model/errors.ts';

/** The first bytes of a page for people: an error page, a log-in page of a network, a listing. */
export function looksLikeHtml(head: Uint8Array): boolean {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?\s*(?:<!--[^>]*-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i.test(text);
}

/** @throws ScannerError `feed.malformed`. */
export function refuseHtml(head: Uint8Array, url: string): void {
  if (!looksLikeHtml(head)) return;
  throw new ScannerError('feed.malformed', `${url} answered with a web page where data was expected`, { url });
}

/**
 * Names that a listing page of a web server links to, below its own folder: `v3.20/`, `main.json`. Sorted, each once, decoded.
 * @throws ScannerError `feed.malformed` when the page links to nothing.
 */
export function readListing(html: string, url: string): readonly string[] {
  const names = new Set<string>();
  for (const [, quoted, bare] of html.matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:["']([^"'<>]*)["']|([^\s"'<>]+))/gi)) {
    const name = relativeName((quoted ?? bare ?? '').replaceAll('&amp;', '&'), url);
    if (name !== undefined) names.add(name);
  }
  if (names.size === 0) throw new ScannerError('feed.malformed', `${url} lists nothing`, { url });
  return [...names].sort();
}

function relativeName(href: string, base: string): string | undefined {
  if (!URL.canParse(href, base)) return undefined;
  const { origin, pathname } = new URL(href, base);
  const folder = new URL(base);
  if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) return undefined;
  const name = pathname.slice(folder.pathname.length);
  return /^[^/]+\/?$/.test(name) ? decodeName(name) : undefined;
}

function decodeName(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
