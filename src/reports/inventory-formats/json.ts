import type { Package } from '../../model/package.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { jsonPieces } from '../json-pieces.ts';

/** Raised in its first number when a reader of the former shape could no longer read the new one. */
export const INVENTORY_SCHEMA_VERSION = '1.0';

/** Everything, in the shape of docs/reference/packages-json.md and docs/reference/packages.schema.json. */
export const jsonFormat: InventoryFormat = {
  name: 'json',
  title: 'everything, for programs (docs/reference/packages-json.md)',
  mediaType: 'application/json',

  render({ inventory: { target, namespace, repositoryCpes, layers, packages, problems }, ledger }) {
    return jsonPieces({
      schemaVersion: INVENTORY_SCHEMA_VERSION,
      ...{ target, namespace, repositoryCpes, layers },
      packages: packages.values().map(shapeOf),
      ...{ problems, ledger },
    });
  },
};

/** Keys in the order of this file, whatever order the object came to be in. */
function shapeOf(item: Package) {
  const { id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered } = item;
  return {
    ...{ id, name, version, arch, namespace, type, purl, source, module, locations, removedBy, filtered },
    ...{ versionScheme: item.versionScheme, cpes: item.cpes, properties: item.properties },
  };
}
