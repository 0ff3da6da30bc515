import type { Inventory } from '../model/inventory.ts';
import type { Package } from '../model/package.ts';

/** A name and a value, as CycloneDX has properties; the names are ours, `cvescan:…`. */
export interface Property {
  readonly name: string;
  readonly value: string;
}

/**
 * What a match needs of a package and no field of an SBOM format carries: so the findings of an image and of its SBOM are the same.
 * Names are documented in docs/reference/sbom-properties.md.
 */
export function propertiesOfPackage(item: Package): readonly Property[] {
  const {
    id,
    type,
    arch,
    namespace,
    versionScheme,
    source,
    module,
    locations,
    removedBy,
    filtered,
    cpes = [],
    properties = {},
  } = item;
  const facts = named({
    id,
    type,
    arch,
    namespace,
    versionScheme,
    'source:name': source?.name,
    'source:version': source?.version,
    module,
    ...Object.fromEntries(
      locations.flatMap(({ layer, path }, n) => [
        [`location:${n}:path`, path],
        [`location:${n}:layer`, layer],
      ]),
    ),
    removedBy,
    filtered,
    ...Object.fromEntries(cpes.map((cpe, n) => [`cpe:${n}`, cpe])),
    ...Object.fromEntries(Object.entries(properties).map(([key, value]) => [`property:${key}`, value])),
  });
  const repeated = repeatedProperties(item);
  return repeated.length > 0 ? [...facts, ...repeated] : facts;
}

/** Properties that come once a value: the names of CVEScan's own inventory, and what they cannot say. */
function repeatedProperties({
  statements = [],
  kernelConfig = {},
  compiledSources = [],
}: Package): readonly Property[] {
  return [
    ...statements.map((statement) => ({ name: 'cvescan:statement', value: JSON.stringify(statement) })),
    ...statements.flatMap(({ kind, vulnerabilityId: value }) => {
      if (kind === 'patched') return { name: 'cvescan:patched_cves', value };
      return kind === 'ignored' ? { name: 'cvescan:cve_whitelist', value } : [];
    }),
    ...Object.entries(kernelConfig).map(([symbol, value]) => ({ name: 'cvescan:config', value: `${symbol}=${value}` })),
    ...compiledSources.map((value) => ({ name: 'cvescan:compiledSource', value })),
  ];
}

/** The same of the inventory as a whole. */
export function propertiesOfInventory({
  target,
  namespace,
  repositoryCpes = [],
  layers,
}: Omit<Inventory, 'packages' | 'problems'>): readonly Property[] {
  return named({
    'target:kind': target.kind,
    'target:name': target.name,
    'target:digest': target.digest,
    'target:platform': target.platform,
    namespace,
    ...Object.fromEntries(repositoryCpes.map((cpe, n) => [`repositoryCpe:${n}`, cpe])),
    ...Object.fromEntries(
      layers.flatMap(({ index, digest, createdBy, verification }) => [
        [`layer:${index}:digest`, digest],
        [`layer:${index}:createdBy`, createdBy],
        [`layer:${index}:verification`, verification],
      ]),
    ),
  });
}

function named(values: Readonly<Record<string, string | undefined>>): readonly Property[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : { name: `cvescan:${name}`, value },
  );
}
