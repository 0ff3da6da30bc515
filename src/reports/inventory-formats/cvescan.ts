import type { InventoryFormat } from '../inventory-format.ts';
import { jsonPieces } from '../json-pieces.ts';
import { recipeOf } from '../recipe.ts';

/**
 * CVEScan's own inventory 1.0.0, the format of the same name that is read. Packages are named by their ids; those that take no part in
 * matching (what only builds others) are left out, since the format cannot say so.
 */
export const cvescanFormat: InventoryFormat = {
  name: 'cvescan',
  title: 'CVEScan inventory 1.0.0',
  mediaType: 'application/json',

  render({ inventory: { packages } }) {
    return jsonPieces({
      version: '1.0.0',
      packages: Object.fromEntries(
        packages
          .filter(({ filtered }) => filtered === undefined)
          .map((item) => [item.properties?.inventoryId ?? item.id, recipeOf(item)]),
      ),
    });
  },
};
