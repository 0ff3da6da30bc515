import type { CpeConfiguration, CpeCriteria, CpeNode } from '../model/cpe-configuration.ts';
import { withoutTail } from './advisory-line.ts';
import { packNumbers, unpackNumbers } from './varints.ts';

/** A match criterion apart from its product: a line of the product's page. */
export interface Criterion {
  readonly product: string;
  readonly vendor: string;
  /** JSON: `[rest of the name, start including, start excluding, end including, end excluding]`, 0 for what is absent. */
  readonly line: string;
}

/** A use of a criterion in a node: which one, twice, plus 1 where it is the vulnerable thing. */
type Use = number;
type Node = readonly [flags: number, uses: readonly Use[]];

/** Configurations with numbers in place of criteria. Flags: 1 is AND, 2 is negated. */
export type CpeTree = readonly (readonly [flags: number, nodes: readonly Node[]])[];

const flagsOf = ({ operator, negate }: Pick<CpeNode, 'operator' | 'negate'>): number =>
  (operator === 'AND' ? 1 : 0) + (negate ? 2 : 0);

const readFlags = (flags: number): Pick<CpeNode, 'operator' | 'negate'> => ({
  operator: flags & 1 ? 'AND' : 'OR',
  negate: (flags & 2) !== 0,
});

/** Numbers criteria as they first appear, over all parts of a source. */
export class CriterionNumbers {
  readonly #numbers = new Map<string, number>();
  #new: Criterion[] = [];

  /** Takes configurations apart. */
  treeOf(configurations: readonly CpeConfiguration[]): CpeTree {
    const useOf = (stated: CpeCriteria): Use => this.#numberOf(stated) * 2 + (stated.vulnerable ? 1 : 0);
    return configurations.map((configuration) => [
      flagsOf(configuration),
      configuration.nodes.map((node): Node => [flagsOf(node), node.criteria.map(useOf)]),
    ]);
  }

  /** The criteria that got a number since the last call, in the order of their numbers. */
  takeNew(): readonly Criterion[] {
    const taken = this.#new;
    if (taken.length > 0) this.#new = [];
    return taken;
  }

  #numberOf(stated: CpeCriteria): number {
    const key = keyOf(stated);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(key, number);
    this.#new.push(criterionOf(stated));
    return number;
  }
}

/** What a criterion says, apart from whether the thing is vulnerable. */
function keyOf(stated: CpeCriteria): string {
  const { criteria, versionStartIncluding: from = '', versionEndExcluding: before = '' } = stated;
  const { versionStartExcluding: after = '', versionEndIncluding: to = '' } = stated;
  if (from === '' && after === '' && to === '' && before === '') return criteria;
  return `${criteria}\t${from}\t${after}\t${to}\t${before}`;
}

/** One text for equal configurations: what a part's hash is made of. */
export function canonicalText(configurations: readonly CpeConfiguration[]): string {
  const useText = (stated: CpeCriteria): string => `${stated.vulnerable ? '' : '-'}${keyOf(stated)}`;
  const nodeValue = (node: CpeNode) => [flagsOf(node), node.criteria.map(useText)];
  return JSON.stringify(configurations.map((each) => [flagsOf(each), each.nodes.map(nodeValue)]));
}

/** A criterion of the database: a product's number, and its place in the product's list. */
export type StoredPlace = readonly [product: number, place: number];

/** A tree whose criteria are places: of each node, runs of uses (place twice, plus 1 where vulnerable) of one product. */
export type StoredTree = readonly (readonly [
  flags: number,
  nodes: readonly (readonly [flags: number, runs: readonly (readonly [product: number, uses: readonly Use[]])[]])[],
])[];

/** The tree with places for its numbers. */
export const storedTree = (tree: CpeTree, placeOf: (number: number) => StoredPlace): StoredTree =>
  tree.map(([flags, nodes]) => [flags, nodes.map(([own, uses]) => [own, runsOf(uses, placeOf)] as const)] as const);

/** A tree as bytes: counts before lists. */
export function packTree(tree: StoredTree): Uint8Array {
  const numbers = [tree.length];
  for (const [flags, nodes] of tree) {
    numbers.push(flags, nodes.length);
    for (const [nodeFlags, runs] of nodes) {
      numbers.push(nodeFlags, runs.length);
      for (const [product, uses] of runs) numbers.push(product, uses.length, ...uses);
    }
  }
  return packNumbers(numbers);
}

function runsOf(uses: readonly Use[], placeOf: (number: number) => StoredPlace): [product: number, uses: Use[]][] {
  const runs: [number, Use[]][] = [];
  for (const use of uses) {
    const [product, place] = placeOf(use >> 1);
    const stored = place * 2 + (use & 1);
    const last = runs.at(-1);
    if (last?.[0] === product) last[1].push(stored);
    else runs.push([product, [stored]]);
  }
  return runs;
}

/** Reads what `packTree` wrote. */
export function unpackTree(bytes: Uint8Array): StoredTree {
  const numbers = unpackNumbers(bytes);
  let at = 0;
  const next = (): number => numbers[at++] ?? 0;
  const list = <Item>(read: () => Item): Item[] => Array.from({ length: Math.min(next(), numbers.length) }, read);
  return list(() => [next(), list(() => [next(), list(() => [next(), list(next)] as const)] as const)] as const);
}

/** The uses of a tree by product. */
export function productUses(tree: StoredTree): Map<number, Use[]> {
  const usesByProduct = new Map<number, Use[]>();
  for (const [, nodes] of tree) {
    for (const [, runs] of nodes) {
      for (const [product, uses] of runs) {
        const known = usesByProduct.get(product);
        if (known) known.push(...uses);
        else usesByProduct.set(product, [...uses]);
      }
    }
  }
  return usesByProduct;
}

/** Puts configurations together again. */
export function configurationsOf(
  tree: StoredTree,
  criterionAt: (product: number, place: number) => Criterion,
): CpeConfiguration[] {
  return tree.map(([flags, nodes]) => ({
    ...readFlags(flags),
    nodes: nodes.map(([nodeFlags, runs]) => ({
      ...readFlags(nodeFlags),
      criteria: runs.flatMap(([product, uses]) =>
        uses.map((use) => readCriterion(criterionAt(product, use >> 1), (use & 1) === 1)),
      ),
    })),
  }));
}

const PREFIX = 'cpe:2.3:';
const COMPONENT = /(?:[^:\\]|\\.)*/y;
/** part, vendor, product, version, update, edition, language, sw_edition, target_sw, target_hw, other. */
const COMPONENT_COUNT = 11;

function criterionOf(stated: CpeCriteria): Criterion {
  const components = componentsOf(stated.criteria);
  const [part, vendor = '', product = '', ...rest] = components ?? [];
  const name = components ? `${part}:${rest.slice(0, lastStated(rest)).join(':')}` : stated.criteria;
  const bounds = [
    stated.versionStartIncluding ?? 0,
    stated.versionStartExcluding ?? 0,
    stated.versionEndIncluding ?? 0,
    stated.versionEndExcluding ?? 0,
  ];
  return { vendor, product, line: JSON.stringify(withoutTail([name, ...bounds])) };
}

const lastStated = (components: readonly string[]): number =>
  components.findLastIndex((component) => component !== '*') + 1;

/** The eleven components as they are written; undefined for what is no formatted string. */
function componentsOf(criteria: string): string[] | undefined {
  if (!criteria.startsWith(PREFIX)) return undefined;
  if (!criteria.includes('\\')) {
    const plain = criteria.slice(PREFIX.length).split(':');
    return plain.length === COMPONENT_COUNT && plain[1] !== '' && plain[2] !== '' ? plain : undefined;
  }
  const components: string[] = [];
  let at = PREFIX.length - 1;
  while (criteria[at] === ':') {
    COMPONENT.lastIndex = at + 1;
    const [component = ''] = COMPONENT.exec(criteria) ?? [];
    components.push(component);
    at += 1 + component.length;
  }
  const isWhole = at === criteria.length && components.length === COMPONENT_COUNT;
  return isWhole && components[1] !== '' && components[2] !== '' ? components : undefined;
}

function readCriterion({ vendor, product, line }: Criterion, vulnerable: boolean): CpeCriteria {
  const [name = '', ...bounds] = JSON.parse(line) as (string | 0)[] as [string, ...(string | 0)[]];
  const [startIncluding, startExcluding, endIncluding, endExcluding] = bounds;
  return {
    criteria: vendor === '' ? name : wholeName(name, vendor, product),
    vulnerable,
    ...(startIncluding ? { versionStartIncluding: startIncluding } : undefined),
    ...(startExcluding ? { versionStartExcluding: startExcluding } : undefined),
    ...(endIncluding ? { versionEndIncluding: endIncluding } : undefined),
    ...(endExcluding ? { versionEndExcluding: endExcluding } : undefined),
  };
}

function wholeName(name: string, vendor: string, product: string): string {
  const colon = name.indexOf(':');
  const rest = name.slice(colon + 1);
  const stated = rest === '' ? 0 : rest.replaceAll(/\\./g, '').split(':').length;
  const missing = ':*'.repeat(COMPONENT_COUNT - 3 - stated);
  return `${PREFIX}${name.slice(0, colon)}:${vendor}:${product}${rest === '' ? '' : `:${rest}`}${missing}`;
}
