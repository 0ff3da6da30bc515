/**
 * The CPE of a product by the names that Yocto, Buildroot and `cve_product` use: `product` or `vendor:product`. A vendor that is not
 * named is any vendor, and the part is never named.
 *
 * @param version `` for none stated.
 * Source: NISTIR 7695, 6.2 (formatted strings), for what is escaped.
 */
export function cpeOfProduct(name: string, version: string): string {
  const colon = name.indexOf(':');
  const vendor = colon < 0 ? '*' : escaped(name.slice(0, colon));
  return `cpe:2.3:*:${vendor}:${escaped(name.slice(colon + 1))}:${escaped(version)}:*:*:*:*:*:*:*`;
}

function escaped(word: string): string {
  return word === '' || word === '*' ? '*' : word.toLowerCase().replace(/[^a-z0-9_.-]/g, '\\$&');
}

/**
 * A recipe's version as NVD writes versions: without the epoch of a package, the `v` of a tag, and what says which commit was taken
 * (`6.6.142+git`, `2.39+gitAUTOINC+74f59e9271`).
 */
export function upstreamVersion(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/^v(?=\d)/, '')
    .replace(/[+-](git|svn|AUTOINC)\b.*$|\+git.*$/s, '');
}
