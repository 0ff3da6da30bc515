import type { Package } from '../../model/package.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { jsonPieces } from '../json-pieces.ts';

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
          .map((item) => [item.properties?.inventoryId ?? item.id, shapeOf(item)]),
      ),
    });
  },
};

function shapeOf({ name, version, arch, cpes = [], properties = {}, statements = [], kernelConfig }: Package) {
  const idsOf = (kind: string) => statements.filter((it) => it.kind === kind).map((it) => it.vulnerabilityId);
  const listOf = (text: string | undefined) => (text === undefined ? [] : text.split(' '));
  const products = [...new Set(cpes.flatMap(productOf))];
  return {
    cve_product: products.length > 0 ? products : [name],
    cve_version: version,
    bpn: name,
    pv: properties.pv ?? version,
    runtime: listOf(properties.runtime),
    cve_whitelist: idsOf('ignored'),
    patched_cves: idsOf('patched'),
    src_uri: listOf(properties.src_uri),
    arch,
    config: kernelConfig,
  };
}

/** `vendor:product` of a CPE, or `product` where it names no vendor. */
function productOf(cpe: string): readonly string[] {
  const words = cpe.startsWith('cpe:2.3:') ? cpe.split(/(?<!\\):/).slice(3) : cpe.split(':').slice(2);
  const [vendor = '', product = ''] = words.map((word) => word.replace(/\\(.)/g, '$1'));
  if (product === '' || product === '*') return [];
  return [vendor === '' || vendor === '*' ? product : `${vendor}:${product}`];
}
