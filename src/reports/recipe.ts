import type { Package } from '../model/package.ts';

/** A package under the names of CVEScan's inventory 1.0.0, as recipes of a build system have them. */
export function recipeOf({ name, version, arch, cpes = [], properties = {}, statements = [], kernelConfig }: Package) {
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
