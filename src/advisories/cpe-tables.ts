import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Criterion, packTree, productUses, type StoredPlace, type StoredTree, unpackTree } from './cpe-tree.ts';
import { packLines, type StoredPage, unpackLines } from './page.ts';

/** The row of a configuration tree. */
export interface TreeKey {
  readonly id: string;
  readonly source: number;
  readonly part: number;
}

/** A product's criteria: a configuration names one by its place, so places keep their meaning until nothing uses them. */
interface Product {
  readonly number: number;
  readonly lines: string[];
  /** Made when the list is long. */
  placeByLine?: Map<string, number>;
  readonly freePlaces: number[];
  isChanged: boolean;
}

type Link = readonly [product: number, id: string, part: number, isVulnerable: number];

const MAX_WAITING_LINKS = 100_000;
/** Products stay in memory up to this number: feeds name most of them again and again within a few years. */
const MAX_KEPT_PRODUCTS = 20_000;

/** Edits match criteria, configurations and the links between products and vulnerabilities. */
export class CpeTables {
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #products = new Map<string, Product>();
  /** Products that lost a use of a criterion. */
  readonly #shrunk = new Set<number>();
  #newLinks: Link[] = [];

  constructor(db: DatabaseSync) {
    this.#sql = prepareStatements(db);
  }

  /** Where criteria lie, those that are new too. */
  placesOf(criteria: readonly Criterion[]): StoredPlace[] {
    return criteria.map((criterion) => this.#placeOf(criterion));
  }

  add({ id, source, part }: TreeKey, tree: StoredTree): void {
    this.#sql.insertTree.run(id, source, part, packTree(tree));
    for (const [product, uses] of productUses(tree)) {
      this.#newLinks.push([product, id, part, uses.some((use) => use & 1) ? 1 : 0]);
    }
    if (this.#newLinks.length > MAX_WAITING_LINKS) this.#flushLinks();
  }

  /** In the order of the table, which is not that of the feed. */
  #flushLinks(): void {
    const compareLinks = (a: Link, b: Link): number => a[0] - b[0] || (a[1] < b[1] ? -1 : 1);
    for (const link of this.#newLinks.sort(compareLinks)) this.#sql.insertLink.run(...link);
    this.#newLinks = [];
  }

  remove({ id, source, part }: TreeKey): void {
    const held = this.#sql.tree.get(id, source, part) as { tree: Uint8Array } | undefined;
    if (!held) return;
    this.#flushLinks();
    for (const [product] of productUses(unpackTree(held.tree))) {
      this.#sql.deleteLink.run(product, id, part);
      this.#shrunk.add(product);
    }
    this.#sql.deleteTree.run(id, source, part);
  }

  /** Writes changed products, and frees the criteria that nothing uses any more. */
  flush(): void {
    this.#flushLinks();
    this.#flushProducts();
    for (const product of this.#shrunk) this.#sweep(product);
    this.#shrunk.clear();
  }

  #flushProducts(): void {
    for (const product of this.#products.values()) {
      if (product.isChanged) this.#sql.updateProduct.run(packLines(product.lines), product.number);
    }
    this.#products.clear();
  }

  #sweep(product: number): void {
    const used = new Set<number>();
    for (const { tree } of this.#sql.treesOfProduct.all(product) as unknown as { tree: Uint8Array }[]) {
      for (const use of productUses(unpackTree(tree)).get(product) ?? []) used.add(use >> 1);
    }
    if (used.size === 0) {
      this.#sql.deleteProduct.run(product);
      return;
    }
    const { lines } = this.#sql.product.get(product) as { lines: StoredPage };
    const kept = unpackLines(lines).map((line, place) => (used.has(place) ? line : ''));
    this.#sql.updateProduct.run(packLines(kept.slice(0, Math.max(...used) + 1)), product);
  }

  #placeOf(criterion: Criterion): StoredPlace {
    const product = this.#product(criterion);
    const known = placeIn(product, criterion.line);
    if (known !== undefined) return [product.number, known];
    const place = product.freePlaces.pop() ?? product.lines.length;
    product.lines[place] = criterion.line;
    product.placeByLine?.set(criterion.line, place);
    product.isChanged = true;
    return [product.number, place];
  }

  #product({ vendor, product: name }: Criterion): Product {
    const key = `${vendor}:${name}`;
    const known = this.#products.get(key);
    if (known) return known;
    if (this.#products.size > MAX_KEPT_PRODUCTS) this.#flushProducts();
    const held = this.#sql.findProduct.get(name, vendor) as { number: number; lines: StoredPage } | undefined;
    const lines = unpackLines(held?.lines);
    const number = held?.number ?? Number(this.#sql.insertProduct.run(name, vendor).lastInsertRowid);
    const freePlaces = lines.flatMap((line, place) => (line === '' ? [place] : []));
    const product = { number, lines, freePlaces, isChanged: false };
    this.#products.set(key, product);
    return product;
  }
}

/** Most products have a handful of criteria: a map for each would take more room than all of them. */
const MAX_SEARCHED_LINES = 32;

function placeIn(product: Product, line: string): number | undefined {
  if (product.lines.length > MAX_SEARCHED_LINES) {
    product.placeByLine ??= new Map(product.lines.map((held, place) => [held, place]));
    return product.placeByLine.get(line);
  }
  const place = product.lines.indexOf(line);
  return place < 0 ? undefined : place;
}

function prepareStatements(db: DatabaseSync) {
  const key = 'id = ? AND source = ? AND part = ?';
  return {
    findProduct: db.prepare('SELECT number, lines FROM cpe_product WHERE product = ? AND vendor = ?'),
    product: db.prepare('SELECT lines FROM cpe_product WHERE number = ?'),
    insertProduct: db.prepare("INSERT INTO cpe_product (product, vendor, lines) VALUES (?, ?, '')"),
    updateProduct: db.prepare('UPDATE cpe_product SET lines = ? WHERE number = ?'),
    deleteProduct: db.prepare('DELETE FROM cpe_product WHERE number = ?'),
    tree: db.prepare(`SELECT tree FROM cpe_configuration WHERE ${key}`),
    treesOfProduct: db.prepare(
      `SELECT tree FROM cpe_link JOIN cpe_configuration USING (id, part) WHERE cpe_link.product = ?`,
    ),
    insertTree: db.prepare('INSERT INTO cpe_configuration (id, source, part, tree) VALUES (?, ?, ?, ?)'),
    deleteTree: db.prepare(`DELETE FROM cpe_configuration WHERE ${key}`),
    insertLink: db.prepare('INSERT INTO cpe_link (product, id, part, is_vulnerable) VALUES (?, ?, ?, ?)'),
    deleteLink: db.prepare('DELETE FROM cpe_link WHERE product = ? AND id = ? AND part = ?'),
  } satisfies Record<string, StatementSync>;
}
