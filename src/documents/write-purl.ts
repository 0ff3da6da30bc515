import { familyOf, releaseOf } from '../model/namespace.ts';
import type { ListedPackage, SourcePackage } from '../model/package.ts';

/*
 * Purls as every scan writes them; `purl.ts` reads them. Both without a library, which costs more to load than a small image to
 * scan, and to read a purl with as much as all else of a component. Property tests hold them against the library.
 */

/** The parts of a package URL, normalised as its type asks. */
export interface Purl {
  readonly type: string;
  /** Segments joined by `/`, e.g. `@angular` or `org.apache.commons`. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers: Readonly<Record<string, string>>;
  readonly subpath?: string;
}

/** purl types of operating system packages, and the version scheme of each. */
export const SCHEME_BY_OS_TYPE: Readonly<Record<string, string>> = {
  deb: 'dpkg',
  rpm: 'rpm',
  apk: 'apk',
  alpm: 'alpm',
};

/** purl namespaces (vendors) that are not the family's own word. Source: https://github.com/package-url/purl-spec, rpm and alpm. */
const VENDORS: ReadonlyMap<string, string> = new Map([
  ['rhel', 'redhat'],
  ['sles', 'suse'],
]);

/** What stands between the two parts of a name, where it has two. */
export function nameSeparator(type: string): string {
  return type === 'maven' ? ':' : '/';
}

/** Types whose names and namespaces are written in lower case. Source: https://github.com/package-url/purl-spec, types. */
const LOWER_CASE_TYPES = new Set([
  'alpm',
  'apk',
  'bitbucket',
  'composer',
  'deb',
  'github',
  'gitlab',
  'hex',
  'npm',
  'pypi',
]);

/** Types that cannot do without a namespace. */
const TYPES_WITH_NAMESPACE = new Set(['maven', 'swift']);

/** Types that cannot do without a version. */
const TYPES_WITH_VERSION = new Set(['cran', 'swift']);

/**
 * Writes a package URL in its canonical form; undefined where the parts make none (an empty name, a Maven
 * package without a group, text with half a surrogate pair).
 *
 * Source: https://github.com/package-url/purl-spec.
 */
export function formatPurl(purl: Purl): string | undefined {
  const { type, qualifiers, subpath } = purl;
  const version = purl.version?.trim();
  const texts = [purl.namespace, purl.name, version, subpath, ...Object.values(qualifiers)];
  if (texts.some((text) => text?.isWellFormed() === false)) return undefined;
  const [namespace, name] = [
    withoutEmptySegments(spelled(type, purl.namespace ?? '')),
    spelledName(type, purl.name.trim()),
  ];
  if (name === '' || type === '' || (namespace === '' && TYPES_WITH_NAMESPACE.has(type))) return undefined;
  if (!version && TYPES_WITH_VERSION.has(type)) return undefined;
  const pairs = Object.keys(qualifiers)
    .filter((key) => qualifiers[key]!.trim() !== '')
    .sort()
    .map((key) => `${key.toLowerCase()}=${escapeQualifier(qualifiers[key]!.trim())}`);
  return [
    `pkg:${type}/`,
    namespace && `${escapePart(namespace).replaceAll('%2F', '/')}/`,
    escapePart(name),
    version && `@${escapePart(version).replaceAll('%2B', '+')}`,
    pairs.length > 0 ? `?${pairs.join('&')}` : '',
    subpath && `#${encodeURIComponent(withoutEmptySegments(subpath)).replaceAll('%2F', '/')}`,
  ].join('');
}

/** A namespace as its type writes it. */
export function spelled(type: string, text: string): string {
  return LOWER_CASE_TYPES.has(type) || type === 'rpm' || type === 'qpkg' ? text.toLowerCase() : text;
}

/** A name as its type writes it. */
export function spelledName(type: string, name: string): string {
  if (type === 'pypi') return name.toLowerCase().replaceAll('_', '-');
  if (type === 'pub') return name.toLowerCase().replaceAll('-', '_');
  return LOWER_CASE_TYPES.has(type) || type === 'oci' || type === 'bitnami' ? name.toLowerCase() : name;
}

function withoutEmptySegments(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .join('/');
}

function escapePart(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}

function escapeQualifier(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * The purl of a package, with all that a match needs: release (`distro`), `arch`, source package (`upstream`), epoch and modularity
 * label of an rpm (`epoch`, `rpmmod`).
 *
 * @returns undefined where the package has no purl, e.g. without a name.
 */
export function purlOfPackage(pkg: ListedPackage): string | undefined {
  const { type, name, version, arch, namespace, module, source } = pkg;
  if (type === 'conan') return purlOfConan(pkg);
  if (!Object.hasOwn(SCHEME_BY_OS_TYPE, type))
    return formatPurl({ type, ...splitName(type, name), version, qualifiers: {} });
  const family = namespace === undefined ? undefined : familyOf(namespace);
  const [, epoch, rest] = (type === 'rpm' && /^(\d+):(.*)$/.exec(version)) || [undefined, undefined, version];
  return formatPurl({
    type,
    ...(family !== undefined && { namespace: VENDORS.get(family) ?? family }),
    name,
    version: rest ?? '',
    qualifiers: {
      ...(arch && { arch }),
      ...(namespace !== undefined && { distro: distroOf(namespace) }),
      ...(epoch !== undefined && { epoch }),
      ...(module && { rpmmod: module }),
      ...(source && (source.name !== name || source.version !== version) && { upstream: upstreamOf(source, version) }),
    },
  });
}

/** `zlib/1.2.13@user/channel`: a user is the namespace, and has a channel beside it. */
function purlOfConan({ type, name, version, properties: { user, channel } = {} }: ListedPackage): string | undefined {
  const place = user && channel ? { namespace: user, qualifiers: { channel } } : { qualifiers: {} };
  return formatPurl({ type, name, version, ...place });
}

/** `debian-12` of `debian:12`, `alpine-3.20` of `alpine:v3.20`, `wolfi`. */
function distroOf(namespace: string): string {
  const release = releaseOf(namespace).replace(/^v(?=\d)/, '');
  return release === '' ? familyOf(namespace) : `${familyOf(namespace)}-${release}`;
}

/** `openssl` where the source has the package's version, else `openssl@3.0.14-1`. */
function upstreamOf({ name, version }: SourcePackage, own: string): string {
  return version === own ? name : `${name}@${version}`;
}

/** `@angular/core`, `org.apache:commons`, `github.com/x/y` in the two parts of a purl. */
function splitName(type: string, name: string): { readonly namespace?: string; readonly name: string } {
  const at = name.lastIndexOf(nameSeparator(type));
  return at <= 0 ? { name } : { namespace: name.slice(0, at), name: name.slice(at + 1) };
}
