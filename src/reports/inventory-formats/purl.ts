import { printable } from '../../platform/terminal.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import { validPurl } from '../stated-identifiers.ts';

/** A package URL a line, sorted, each once. A package that has none is a comment, so that nothing is lost in silence. */
export const purlFormat: InventoryFormat = {
  name: 'purl',
  title: 'one package URL a line',
  mediaType: 'text/plain; charset=utf-8',

  *render({ inventory: { packages } }) {
    const lines = new Set(
      packages.map((item) => validPurl(item) ?? `# no purl: ${printable(item.name)} ${printable(item.version)}`),
    );
    for (const line of [...lines].sort()) yield `${line}\n`;
  },
};
