/**
 * Whether a URL is below one of `worker.allowhosts`: `host`, `host:port`, or a URL prefix, of which the origin and whole segments of
 * the path count. An empty list allows every host.
 */
export function isAllowedHost(url: URL, allowHosts: readonly string[]): boolean {
  return allowHosts.length === 0 || allowHosts.some((entry) => isBelow(url, entry));
}

function isBelow(url: URL, entry: string): boolean {
  if (!/^https?:\/\//i.test(entry)) {
    const named = URL.parse(`${url.protocol}//${entry}`);
    if (!named) return false;
    const hasPort = /:\d+$/.test(entry);
    return named.hostname === url.hostname && (!hasPort || portOf(named) === portOf(url));
  }
  const prefix = URL.parse(entry);
  if (!prefix || prefix.origin !== url.origin) return false;
  const [wanted, given] = [segmentsOf(prefix), segmentsOf(url)];
  return wanted.every((segment, index) => given[index] === segment);
}

const segmentsOf = ({ pathname }: URL): readonly string[] => pathname.replace(/\/$/, '').split('/');

function portOf({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}
