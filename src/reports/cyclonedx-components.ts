import { packageOfPurl, parsePurl } from '../documents/purl.ts';
import type { Inventory } from '../model/inventory.ts';
import { familyOf, releaseOf } from '../model/namespace.ts';
import type { Package } from '../model/package.ts';
import { type Property, propertiesOfPackage } from './inventory-properties.ts';
import { validCpes, validCpeUris, validPurl } from './stated-identifiers.ts';

/** References within a document; packages have ids with a `/`, so they cannot be the same. */
export const TARGET_REF = 'target';
const SYSTEM_REF = 'operating-system';

/** A component as CycloneDX writes it in JSON; of XML the same fields in the same order. */
export interface CyclonedxComponent {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly group?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly cpe?: string | undefined;
  readonly purl?: string | undefined;
  /** Vulnerabilities that patches resolve, each with a patch of its own. */
  readonly pedigree?: { readonly patches: readonly CyclonedxPatch[] } | undefined;
  readonly properties?: readonly Property[];
}

/** A patch, of which only what it is for is known. */
export interface CyclonedxPatch {
  readonly type: string;
  readonly resolves: readonly { readonly type: string; readonly id: string }[];
}

/** What was scanned. */
export function targetComponent({ target }: Pick<Inventory, 'target'>): CyclonedxComponent {
  const type = target.kind === 'image' ? 'container' : 'file';
  return { 'bom-ref': TARGET_REF, type, name: target.name, version: target.digest };
}

/** The release, then the packages. */
export function* componentsOf({ namespace, packages }: Pick<Inventory, 'namespace' | 'packages'>) {
  if (namespace !== undefined) yield systemComponent(namespace);
  for (const item of packages) yield packageComponent(item);
}

/** The references of `componentsOf`. */
export function refsOf({ namespace, packages }: Pick<Inventory, 'namespace' | 'packages'>): readonly string[] {
  const refs = packages.map(({ id }) => id);
  return namespace === undefined ? refs : [SYSTEM_REF, ...refs];
}

/** What other tools take the release from. */
function systemComponent(namespace: string): CyclonedxComponent {
  const version = releaseOf(namespace) || undefined;
  return { 'bom-ref': SYSTEM_REF, type: 'operating-system', name: familyOf(namespace), version };
}

function packageComponent(item: Package): CyclonedxComponent {
  const { id, name, version, namespace, type } = item;
  const purl = validPurl(item);
  // The name of a language package is in two parts here: `@angular` and `core`.
  const parts = namespace === type && purl !== undefined ? parsePurl(purl) : undefined;
  const properties = propertiesOfPackage(item);
  // A purl writes some names in its own way: `PyYAML` is `pyyaml`.
  const isRewritten = parts !== undefined && packageOfPurl(parts).name !== name;
  return {
    'bom-ref': id,
    type: 'library',
    ...(parts ? { group: parts.namespace, name: parts.name } : { name }),
    version: version || undefined,
    cpe: [...validCpes(item), ...validCpeUris(item)][0],
    purl,
    pedigree: pedigreeOf(item),
    properties: isRewritten ? [{ name: 'cvescan:name', value: name }, ...properties] : properties,
  };
}

function pedigreeOf({ statements = [] }: Package): CyclonedxComponent['pedigree'] {
  const patches = statements
    .filter(({ kind }) => kind === 'patched')
    .map(({ vulnerabilityId: id }) => ({ type: 'backport', resolves: [{ type: 'security', id }] }));
  return patches.length > 0 ? { patches } : undefined;
}
