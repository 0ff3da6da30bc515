import type { Location, SourcePackage } from '../model/package.ts';
import type { DocumentPackage } from './reader.ts';
import type { StatedProperties } from './stated-properties.ts';

/**
 * What other scanners write beside the purl into the SBOMs of images: Trivy's `aquasecurity:trivy:…` and Syft's `syft:…`.
 * Sources: https://trivy.dev/latest/docs/supply-chain/sbom/, https://github.com/anchore/syft (cyclonedxutil, properties).
 */
export function scannerFacts(
  properties: StatedProperties,
  listed: DocumentPackage,
): Pick<DocumentPackage, 'source' | 'module' | 'locations'> {
  if (properties.size === 0) return {};
  const one = (name: string) => properties.get(name)?.[0];
  const source = isUnnamed(listed.source, listed) ? trivySource(one) : undefined;
  const module = listed.module ?? one('aquasecurity:trivy:Modularitylabel') ?? one('syft:metadata:modularityLabel');
  const locations = [...syftLocations(one), ...trivyLocations(one)];
  return {
    ...(source && { source }),
    ...(module && { module }),
    ...(locations.length > 0 && { locations }),
  };
}

/** CPEs beside the one that CycloneDX has a field for. */
export function scannerCpes(properties: StatedProperties): readonly string[] {
  return properties.get('syft:cpe23') ?? [];
}

/** Whether the purl said nothing of the source, so that it is the package itself. */
function isUnnamed(source: SourcePackage | undefined, { name, version }: DocumentPackage): boolean {
  return source !== undefined && source.name === name && source.version === version;
}

/** Trivy parts a version: epoch, upstream version, release. */
function trivySource(one: (name: string) => string | undefined): SourcePackage | undefined {
  const [name, version] = [one('aquasecurity:trivy:SrcName'), one('aquasecurity:trivy:SrcVersion')];
  if (!name || !version) return undefined;
  const [epoch, release] = [one('aquasecurity:trivy:SrcEpoch'), one('aquasecurity:trivy:SrcRelease')];
  return { name, version: `${epoch && epoch !== '0' ? `${epoch}:` : ''}${version}${release ? `-${release}` : ''}` };
}

function trivyLocations(one: (name: string) => string | undefined): readonly Location[] {
  const path = one('aquasecurity:trivy:FilePath');
  const layer = one('aquasecurity:trivy:LayerDigest');
  return path === undefined ? [] : [layer === undefined ? { path } : { layer, path }];
}

function syftLocations(one: (name: string) => string | undefined): readonly Location[] {
  const locations: Location[] = [];
  for (let n = 0; ; n++) {
    const path = one(`syft:location:${n}:path`);
    if (path === undefined) return locations;
    const layer = one(`syft:location:${n}:layerID`);
    const relative = path.replace(/^\//, '');
    locations.push(layer === undefined ? { path: relative } : { layer, path: relative });
  }
}
