import { SCHEME_BY_OS_TYPE } from '../documents/write-purl.ts';
import type { PackageKind } from '../model/advisory.ts';
import type { ProofIdentity } from '../model/match.ts';
import type { Package } from '../model/package.ts';

/** A name and version under which feeds may speak of a package. */
export interface PackageIdentity extends ProofIdentity {
  /** Which of a feed's names it is compared with. */
  readonly kind: PackageKind;
}

/** Version schemes of packages that an operating system installs. */
export const OS_SCHEMES: ReadonlySet<string> = new Set(Object.values(SCHEME_BY_OS_TYPE));

type NamedPackage = Pick<Package, 'name' | 'version' | 'versionScheme' | 'source'>;

/**
 * The names under which advisories may speak of a package: its own, where a feed speaks of what is installed, and that of its source
 * package, where a feed speaks of what things are built from. A package that names no source is its own. Packages of languages go by
 * their own name only.
 */
export function identitiesOf(installed: NamedPackage): readonly PackageIdentity[] {
  const { name, version, versionScheme, source } = installed;
  const own = { kind: 'binary', by: 'name', name, version } as const;
  if (!OS_SCHEMES.has(versionScheme)) return [own];
  return [
    own,
    source && (source.name !== name || source.version !== version)
      ? { kind: 'source', by: 'source package', name: source.name, version: sourceVersionOf(installed, source.version) }
      : { kind: 'source', by: 'name', name, version },
  ];
}

/** The file name of a source rpm holds no epoch, so that of the package built from it is taken: bounds are written with one. */
function sourceVersionOf({ version, versionScheme }: NamedPackage, sourceVersion: string): string {
  const epoch = versionScheme === 'rpm' && !sourceVersion.includes(':') ? /^\d+:/.exec(version)?.[0] : undefined;
  return `${epoch ?? ''}${sourceVersion}`;
}
