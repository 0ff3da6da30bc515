import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import { configurationsOf, unpackTree } from './cpe-tree.ts';
import { type StoredPage, unpackLines } from './page.ts';

/** Products whose criteria stay unpacked: one product's vulnerabilities name much the same others. */
const KEPT_PRODUCTS = 256;

interface Product {
  readonly vendor: string;
  readonly product: string;
  readonly lines: readonly string[];
}

interface TreeRow {
  readonly id: string;
  readonly source: number;
  readonly part: string;
  readonly tree: Uint8Array;
}

/** Reads configurations, with their criteria in the places of their numbers. */
export class CpeReader {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #products = new Map<number, Product>();

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
  }

  /** Configurations that name a product as vulnerable, sorted by vulnerability and source. @param vendor undefined: any. */
  candidates(vendor: string | undefined, product: string) {
    const products = this.#sql.products.all(product) as { number: number; vendor: string }[];
    const numbers = products.filter((row) => vendor === undefined || row.vendor === vendor).map(({ number }) => number);
    const rows = new Map<string, TreeRow>();
    for (const number of numbers) {
      for (const row of this.#sql.trees.all(number) as unknown as TreeRow[]) rows.set(`${row.id}\n${row.source}`, row);
    }
    return [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { id, source, part, tree }]) => ({
        source,
        part,
        vulnerabilityId: id,
        configurations: this.read(tree),
      }));
  }

  /** Configurations of a packed tree. */
  read(packed: Uint8Array): CpeConfiguration[] {
    return configurationsOf(unpackTree(packed), (number, place) => {
      const { vendor, product, lines } = this.#product(number);
      return { vendor, product, line: lines[place] ?? '[""]' };
    });
  }

  #product(number: number): Product {
    const known = this.#products.get(number);
    if (known) return known;
    const row = this.#sql.product.get(number) as { vendor: string; product: string; lines: StoredPage } | undefined;
    const product = { vendor: row?.vendor ?? '', product: row?.product ?? '', lines: unpackLines(row?.lines) };
    const [oldest] = this.#products.keys();
    if (this.#products.size >= KEPT_PRODUCTS && oldest !== undefined) this.#products.delete(oldest);
    this.#products.set(number, product);
    return product;
  }
}

function prepareStatements(db: DatabaseSync) {
  return {
    products: db.prepare('SELECT number, vendor FROM cpe_product WHERE product = ? ORDER BY vendor'),
    product: db.prepare('SELECT vendor, product, lines FROM cpe_product WHERE number = ?'),
    trees: db.prepare(
      `SELECT cpe_configuration.id, cpe_configuration.source, part.name AS part, tree
       FROM cpe_link JOIN cpe_configuration USING (id, part) JOIN part ON part.number = cpe_configuration.part
       WHERE cpe_link.product = ? AND is_vulnerable`,
    ),
  } satisfies Record<string, StatementSync>;
}
