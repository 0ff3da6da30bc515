import { PackageURL } from 'packageurl-js';
import { namespaceOfCodename, namespaceOfRelease } from '../model/distribution.ts';
import { familyOf, releaseOf, schemeOf } from '../model/namespace.ts';
import type { ListedPackage, SourcePackage } from '../model/package.ts';

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
const SCHEME_BY_OS_TYPE: Readonly<Record<string, string>> = { deb: 'dpkg', rpm: 'rpm', apk: 'apk', alpm: 'alpm' };

/** purl namespaces (vendors) that are not the family's own word. Source: https://github.com/package-url/purl-spec, rpm and alpm. */
const VENDORS: Readonly<Record<string, string>> = { rhel: 'redhat', sles: 'suse' };

/** What stands between the two parts of a name, where a type has names of two parts. */
const SEPARATORS: Readonly<Record<string, string>> = { maven: ':' };

/**
 * Reads a package URL.
 *
 * @returns undefined where it is none. Source: https://github.com/package-url/purl-spec.
 */
export function parsePurl(text: string): Purl | undefined {
  try {
    // In a purl a plus is a plus; only in web forms it is a blank.
    const question = text.indexOf('?');
    const parsed = PackageURL.fromString(
      question < 0 ? text : text.slice(0, question) + text.slice(question).replaceAll('+', '%2B'),
    );
    return purlOf(parsed);
  } catch {
    return undefined;
  }
}

/** Writes a package URL in its canonical form; undefined where the parts make none (an empty name). */
export function formatPurl({ type, namespace, name, version, qualifiers, subpath }: Purl): string | undefined {
  try {
    return new PackageURL(type, namespace, name, version, { ...qualifiers }, subpath).toString();
  } catch {
    return undefined;
  }
}

function purlOf({ type, namespace, name, version, qualifiers, subpath }: PackageURL): Purl | undefined {
  if (!type || !name) return undefined;
  return {
    type,
    ...(namespace && { namespace }),
    name,
    ...(version && { version }),
    qualifiers: { ...qualifiers },
    ...(subpath && { subpath }),
  };
}

/**
 * The purl of a package, with all that a match needs: release (`distro`), `arch`, source package (`upstream`), epoch and modularity
 * label of an rpm (`epoch`, `rpmmod`).
 *
 * @returns undefined where the package has no purl, e.g. without a name.
 */
export function purlOfPackage(pkg: ListedPackage): string | undefined {
  const { type, name, version, arch, namespace, module, source } = pkg;
  if (!Object.hasOwn(SCHEME_BY_OS_TYPE, type))
    return formatPurl({ type, ...splitName(type, name), version, qualifiers: {} });
  const family = namespace === undefined ? undefined : familyOf(namespace);
  const [, epoch, rest] = (type === 'rpm' && /^(\d+):(.*)$/.exec(version)) || [undefined, undefined, version];
  return formatPurl({
    type,
    ...(family !== undefined && { namespace: VENDORS[family] ?? family }),
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
  const at = name.lastIndexOf(SEPARATORS[type] ?? '/');
  return at <= 0 ? { name } : { namespace: name.slice(0, at), name: name.slice(at + 1) };
}

/**
 * The package that a purl speaks of, read back from our own form, Syft's (`upstream=openssl-3.0.7.src.rpm`, `distro=rhel-9.2`) and
 * Trivy's (`distro=3.20.3` with the vendor as namespace).
 *
 * @returns without a namespace where the purl states no release; with an empty version where it states none.
 */
export function packageOfPurl(purl: Purl): ListedPackage {
  const { type, qualifiers } = purl;
  if (!Object.hasOwn(SCHEME_BY_OS_TYPE, type)) {
    const name = purl.namespace === undefined ? purl.name : `${purl.namespace}${SEPARATORS[type] ?? '/'}${purl.name}`;
    return { name, version: purl.version ?? '', versionScheme: schemeOf(type) ?? type, type, namespace: type };
  }
  const { name } = purl;
  const { arch, epoch, upstream, rpmmod, modularitylabel } = qualifiers;
  const version = epoch && epoch !== '0' && purl.version ? `${epoch}:${purl.version}` : (purl.version ?? '');
  const namespace = namespaceOfDistro(purl);
  const module = rpmmod ?? modularitylabel;
  return {
    name,
    version,
    versionScheme: SCHEME_BY_OS_TYPE[type]!,
    type,
    ...(arch && { arch }),
    ...(module && { module }),
    ...(namespace && { namespace }),
    source: readUpstream(upstream, { name, version }),
  };
}

/** The namespace that `distro` states, with the purl's own namespace as the family where it states only a version. */
function namespaceOfDistro({ namespace, qualifiers }: Purl): string | undefined {
  const { distro } = qualifiers;
  if (distro === undefined) return undefined;
  if (/^v?\d/.test(distro)) return namespace && namespaceOfRelease(namespace, distro);
  const byCodename = namespaceOfCodename(distro);
  if (byCodename) return byCodename;
  const dash = /-(?=v?\d|sid$|edge$|tumbleweed$)/.exec(distro)?.index ?? distro.length;
  const id = distro.slice(0, dash);
  return namespaceOfRelease(id === 'suse' ? 'sles' : id, distro.slice(dash + 1));
}

function readUpstream(upstream: string | undefined, own: SourcePackage): SourcePackage {
  if (!upstream) return own;
  const [, rpmName, rpmVersion] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(upstream) ?? [];
  if (rpmName !== undefined && rpmVersion !== undefined) return { name: rpmName, version: rpmVersion };
  const at = upstream.lastIndexOf('@');
  return at <= 0
    ? { name: upstream, version: own.version }
    : { name: upstream.slice(0, at), version: upstream.slice(at + 1) };
}
