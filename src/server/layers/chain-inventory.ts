import { buildInventory } from '../../inventory/build-inventory.ts';
import type { LayerListing } from '../../inventory/layer-listing.ts';
import { type LayerChoice, overlay } from '../../inventory/overlay.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { Package } from '../../model/package.ts';
import type { PackageRow } from '../../state/layer-rows.ts';
import type { Derived } from '../threads/jobs.ts';

/** A layer of a chain, by the name under which it was posted. */
export interface ChainLayer {
  readonly name: string;
  readonly listing: LayerListing;
}

/**
 * The inventory of a chain of posted layers, the lowest first: what `scan` says of the same layers as an image. Layers stand in
 * locations by their names.
 */
export function chainInventory(chain: readonly ChainLayer[], choice: LayerChoice): Inventory {
  const merged = overlay(
    chain.map(({ listing }) => listing),
    choice,
  );
  const layers = chain.map(({ name, listing }, index) => ({
    source: { index, digest: name, content: { kind: 'directory', path: '' } as const },
    listing,
  }));
  return buildInventory({ kind: 'image', name: chain.at(-1)?.name ?? '' }, layers, merged);
}

/** What a chain says of its uppermost layer: the namespace in force there, and the packages that it brought. */
export function deriveOf(chain: readonly ChainLayer[]): Derived {
  const { namespace, packages } = chainInventory(chain, 'squashed');
  const top = chain.at(-1)?.name;
  const added = packages
    .filter((it) => it.locations[0]?.layer === top && it.filtered === undefined && it.version !== '')
    .map(packageRowOf);
  return { namespace, added };
}

/** Whether a layer brought packages of an operating system, and nothing says of which. */
export function lacksNamespace({ namespace, added }: Derived): boolean {
  return namespace === undefined && added.some((it) => it.namespace === '');
}

function packageRowOf(it: Package): PackageRow {
  return {
    scheme: it.versionScheme,
    type: it.type,
    namespace: it.namespace ?? '',
    name: it.name,
    version: it.version,
    source_name: it.source?.name ?? '',
    source_version: it.source?.version ?? '',
    arch: it.arch ?? '',
    module: it.module ?? '',
  };
}
