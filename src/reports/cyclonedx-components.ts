import { parsePurl } from '../documents/purl.ts';
import type { Inventory } from '../model/inventory.ts';
import { familyOf, releaseOf } from '../model/namespace.ts';
import type { Package } from '../model/package.ts';
import { type Property, propertiesOfPackage } from './inventory-properties.ts';

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
  readonly properties?: readonly Property[];
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
  const { id, name, version, purl, cpes, namespace, type } = item;
  // The name of a language package is in two parts here: `@angular` and `core`.
  const parts = namespace === type ? purl && parsePurl(purl) : undefined;
  return {
    'bom-ref': id,
    type: 'library',
    ...(parts ? { group: parts.namespace, name: parts.name } : { name }),
    version: version || undefined,
    cpe: cpes?.[0],
    purl,
    properties: propertiesOfPackage(item),
  };
}
