import { PackageURL } from 'packageurl-js';
import { namespaceOfCodename, namespaceOfRelease } from '../model/distribution.ts';
import { schemeOf } from '../model/namespace.ts';
import type { ListedPackage, SourcePackage } from '../model/package.ts';
import { NAME_SEPARATORS, type Purl, SCHEME_BY_OS_TYPE } from './write-purl.ts';

/**
 * Reads a package URL.
 *
 * @returns undefined where it is none. Source: https://github.com/package-url/purl-spec.
 */
export function parsePurl(text: string): Purl | undefined {
  // The library decodes qualifiers twice, and takes a plus for a blank: they are read here.
  const [, head = '', stated, subpath = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(text) ?? [];
  try {
    const qualifiers = readQualifiers(stated ?? '');
    if (!qualifiers) return undefined;
    const [type, namespace, name, version, , sub] = PackageURL.parseString(head + subpath);
    return purlOf(new PackageURL(type!, namespace, name!, version, qualifiers, sub));
  } catch {
    return undefined;
  }
}

/** @throws URIError */
function readQualifiers(stated: string): Record<string, string> | undefined {
  const qualifiers: Record<string, string> = {};
  for (const pair of stated.split('&').filter((pair) => pair !== '')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    if (!/^[a-z._-][a-z0-9._-]*$/.test(key)) return undefined;
    const value = decodeURIComponent(pair.slice(equals + 1)).trim();
    if (value !== '') qualifiers[key] = value;
  }
  return qualifiers;
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
 * The package that a purl speaks of, read back from our own form, Syft's (`upstream=openssl-3.0.7.src.rpm`, `distro=rhel-9.2`) and
 * Trivy's (`distro=3.20.3` with the vendor as namespace).
 *
 * @returns without a namespace where the purl states no release; with an empty version where it states none.
 */
export function packageOfPurl(purl: Purl): ListedPackage {
  const { type, qualifiers } = purl;
  if (type === 'conan') return packageOfConan(purl);
  if (!Object.hasOwn(SCHEME_BY_OS_TYPE, type)) {
    const name =
      purl.namespace === undefined ? purl.name : `${purl.namespace}${NAME_SEPARATORS[type] ?? '/'}${purl.name}`;
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

/** A Conan package goes by its name alone: the purl's namespace is the user who made it. */
function packageOfConan({ type, namespace: user, name, version = '', qualifiers: { channel } }: Purl): ListedPackage {
  const place = user && channel ? { properties: { user, channel } } : {};
  return { name, version, versionScheme: schemeOf(type) ?? type, type, namespace: type, ...place };
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
