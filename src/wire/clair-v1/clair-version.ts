/** Signs beside letters and digits, by format: in the version proper, and behind the hyphen. */
const SIGNS = {
  dpkg: { upstream: /^[\p{L}\p{Nd}.\-+~:_]+$/u, revision: /^[\p{L}\p{Nd}.+~_]*$/u },
  rpm: { upstream: /^[\p{L}\p{Nd}.\-+~:_]+$/u, revision: /^[\p{L}\p{Nd}.\-+~:_]*$/u },
} as const;

/**
 * Whether Clair takes a text for a version. It takes more than dpkg and rpm do, and less: the signs of rpm's later versions are not
 * among them. Source: Clair v2.0.9, `ext/versionfmt/dpkg/parser.go` and `ext/versionfmt/rpm/parser.go`.
 *
 * @param format `dpkg`, which is that of apk too, or `rpm`; of others nothing is known, so all their versions are.
 */
export function isClairVersion(format: string, text: string): boolean {
  if (format !== 'dpkg' && format !== 'rpm') return true;
  const version = text.trim();
  const colon = version.indexOf(':');
  if (colon >= 0 && !/^\+?\d+$/.test(version.slice(0, colon))) return false;
  const rest = version.slice(colon + 1);
  const hyphen = format === 'dpkg' ? rest.lastIndexOf('-') : rest.indexOf('-');
  const [upstream, revision] = hyphen < 0 ? [rest, ''] : [rest.slice(0, hyphen), rest.slice(hyphen + 1)];
  const signs = SIGNS[format];
  return signs.upstream.test(upstream) && signs.revision.test(revision);
}
