import { namespaceOfCodename, namespaceOfRelease } from '../model/distribution.ts';
import { schemeOf } from '../model/namespace.ts';
import type { ListedPackage, SourcePackage } from '../model/package.ts';
import { nameSeparator, type Purl, SCHEME_BY_OS_TYPE, spelled, spelledName } from './write-purl.ts';

/**
 * Reads a package URL.
 *
 * @returns undefined where it is none. Source: https://github.com/package-url/purl-spec.
 */
export function parsePurl(text: string): Purl | undefined {
  const [, stated = '', path = '', query = '', fragment = ''] = PARTS.exec(text) ?? [];
  const type = stated.toLowerCase();
  if (type === '') return undefined;
  const [names, statedVersion = ''] = splitVersion(path);
  const slash = names.lastIndexOf('/');
  try {
    const qualifiers = readQualifiers(query);
    const name = nameOf(type, decoded(names.slice(slash + 1)).trim(), qualifiers);
    const namespace = spelled(type, segmentsOf(names.slice(0, Math.max(slash, 0))));
    const version = decoded(statedVersion).trim();
    const subpath = segmentsOf(fragment);
    if (!qualifiers || name === '') return undefined;
    const purl: Purl = {
      type,
      ...(namespace !== '' && { namespace }),
      name,
      ...(version !== '' && { version: VERSIONS_IN_LOWER_CASE.has(type) ? version.toLowerCase() : version }),
      qualifiers,
      ...(subpath !== '' && { subpath }),
    };
    return keepsRulesOfType(purl) ? purl : undefined;
  } catch {
    // A percent sign that escapes nothing.
    return undefined;
  }
}

/** `pkg:`, slashes that mean nothing, type, path, qualifiers, subpath. */
const PARTS = /^\s*pkg:\/*([a-z.+-][a-z0-9.+-]*)\/([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

const VERSIONS_IN_LOWER_CASE: ReadonlySet<string> = new Set(['huggingface', 'luarocks']);

/** Databricks does not tell capitals, other registries of MLflow do. */
function nameOf(type: string, name: string, qualifiers: Purl['qualifiers'] | undefined): string {
  const isDatabricks = type === 'mlflow' && qualifiers?.repository_url?.includes('databricks') === true;
  return isDatabricks ? name.toLowerCase() : spelledName(type, name);
}

/** The version stands behind the last `@`; one at the beginning of a name (`@angular`) should have been escaped, and is its own. */
function splitVersion(path: string): readonly [names: string, version?: string] {
  const at = path.lastIndexOf('@');
  return at <= 0 || path[at - 1] === '/' ? [path] : [path.slice(0, at), path.slice(at + 1)];
}

function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text;
}

function segmentsOf(path: string): string {
  if (path === '') return path;
  const segments = path.split('/').map(decoded);
  return segments.filter((segment) => segment.trim() !== '' && segment !== '.' && segment !== '..').join('/');
}

function keepsRulesOfType({ type, namespace, name, version, qualifiers }: Purl): boolean {
  switch (type) {
    case 'maven':
      return namespace !== undefined;
    case 'cran':
      return version !== undefined;
    case 'swift':
      return namespace !== undefined && version !== undefined;
    case 'oci':
    case 'mlflow':
      return namespace === undefined;
    case 'pub':
      return /^[a-z0-9_]+$/.test(name);
    case 'conan':
      return namespace === undefined ? qualifiers.channel === undefined : Object.keys(qualifiers).length > 0;
    default:
      return true;
  }
}

/** @throws URIError */
function readQualifiers(stated: string): Record<string, string> | undefined {
  const qualifiers: Record<string, string> = {};
  if (stated === '') return qualifiers;
  for (const pair of stated.split('&').filter((pair) => pair !== '')) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(equals, 0)).toLowerCase();
    if (!/^[a-z._-][a-z0-9._-]*$/.test(key)) return undefined;
    const value = decoded(pair.slice(equals + 1)).trim();
    if (value !== '') qualifiers[key] = value;
  }
  return qualifiers;
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
    const name = purl.namespace === undefined ? purl.name : `${purl.namespace}${nameSeparator(type)}${purl.name}`;
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
