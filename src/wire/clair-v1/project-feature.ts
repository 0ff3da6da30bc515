import type { Package } from '../../model/package.ts';
import { isClairVersion } from './clair-version.ts';
import { clairNamespaceOf, versionFormatOf } from './project-namespace.ts';
import type { ClairFeature } from './types.ts';

/** What Clair calls a package: of dpkg its source, of all others its own name. */
export function featureNameOf({ type, name, source }: Pick<Package, 'type' | 'name' | 'source'>): string {
  return type === 'deb' ? (source?.name ?? name) : name;
}

/** The version that goes with that name; the package's own where that of its source is none. */
export function featureVersionOf({ type, version, source }: Pick<Package, 'type' | 'version' | 'source'>): string {
  return type === 'deb' && source && isClairVersion('dpkg', source.version) ? source.version : version;
}

/** A feature of a layer, with the packages that it stands for. */
export interface ProjectedFeature {
  readonly feature: ClairFeature;
  readonly packages: readonly Package[];
}

/**
 * The features of a layer: packages of one name and version in one namespace are one. What takes no part in matching (the keys of
 * rpm) is hidden, and so is what states no version.
 *
 * @param packages their `locations` and `removedBy` name layers.
 * @returns sorted by the code points of name, version and namespace.
 */
export function projectFeatures(packages: readonly Package[]): readonly ProjectedFeature[] {
  const shown = packages.filter((it) => it.filtered === undefined && featureVersionOf(it) !== '');
  const groups = Map.groupBy(shown, (it) =>
    [featureNameOf(it), featureVersionOf(it), it.namespace ?? '', it.removedBy ?? ''].join('\0'),
  );
  return [...groups]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([, group]) => ({ feature: featureOf(group[0]!), packages: group }));
}

function featureOf(it: Package): ClairFeature {
  const namespace = it.namespace ?? '';
  const { layer = '' } = it.locations[0] ?? {};
  return {
    Name: featureNameOf(it),
    NamespaceName: clairNamespaceOf(namespace),
    VersionFormat: versionFormatOf(it.versionScheme),
    Version: featureVersionOf(it),
    AddedBy: layer,
    ...(it.removedBy !== undefined && { RemovedBy: it.removedBy }),
  };
}

/** The order of code points; that of `<` differs where a sign lies outside the first plane. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
