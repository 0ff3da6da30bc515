import { familyOf, releaseOf, schemeOf } from '../../model/namespace.ts';

/** A namespace as Clair's clients know it: `centos:9` of `rhel:9`, `debian:unstable` of `debian:sid`; others keep our name. */
export function clairNamespaceOf(namespace: string): string {
  if (familyOf(namespace) === 'rhel') return `centos:${releaseOf(namespace)}`;
  return namespace === 'debian:sid' ? 'debian:unstable' : namespace;
}

/** Our namespaces that Clair's name stands for. */
export function namespacesOfClair(name: string): readonly string[] {
  if (familyOf(name) === 'centos') return [name, `rhel:${releaseOf(name)}`];
  return name === 'debian:unstable' ? ['debian:sid'] : [name];
}

/** How Clair calls a version scheme: there is no `apk` on the v1 wire. */
export function versionFormatOf(scheme: string): string {
  return scheme === 'apk' ? 'dpkg' : scheme;
}

/** The version format of a namespace; `` where we do not know it. */
export function versionFormatOfNamespace(name: string): string {
  const scheme = schemeOf(name);
  return scheme === undefined ? '' : versionFormatOf(scheme);
}

/** A fix as Clair writes it: those of Red Hat and Oracle name their epoch, also where it is 0. */
export function clairFixOf(namespace: string, version: string): string {
  const namesEpoch = ['centos', 'rhel', 'oracle'].includes(familyOf(namespace));
  return namesEpoch && !version.includes(':') ? `0:${version}` : version;
}
