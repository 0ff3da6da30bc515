import { ScannerError } from '../model/errors.ts';

/** A CSAF 2.0 document, as far as it says which products a flaw affects. Source: https://docs.oasis-open.org/csaf/csaf/v2.0/ */
export interface CsafDocument {
  /** `document.tracking.id`, e.g. `CVE-2023-38545` or `RHSA-2023:6745`. */
  readonly id: string;
  /** `draft`, `interim`, `final`; Red Hat also writes `deleted`. */
  readonly status: string;
  /** ISO 8601; absent where none is stated. */
  readonly currentReleaseDate?: string;
  readonly title?: string;
  /** `document.publisher.name`. */
  readonly publisher?: string;
  /** The publisher's word for the whole document. */
  readonly aggregateSeverity?: string;
  /** Products of the tree, by product id. */
  readonly productById: ReadonlyMap<string, CsafProduct>;
  /** What is a part of what, by the product id that the pair has. */
  readonly relationshipById: ReadonlyMap<string, CsafRelationship>;
  readonly vulnerabilities: readonly CsafVulnerability[];
}

export interface CsafProduct {
  readonly name: string;
  readonly cpe?: string;
  readonly purl?: string;
}

/** e.g. the package `curl-0:7.76.1-26.el9_3.2.x86_64` as a component of the product `BaseOS-9.3.0.Z.MAIN`. */
export interface CsafRelationship {
  readonly component: string;
  readonly product: string;
}

export interface CsafVulnerability {
  readonly cve?: string;
  /** Its ids in other systems. */
  readonly ids: readonly string[];
  readonly title?: string;
  readonly cwe?: string;
  readonly releaseDate?: string;
  readonly notes: readonly { readonly category: string; readonly text: string }[];
  readonly references: readonly { readonly url: string }[];
  /** Product ids by status: `fixed`, `known_affected`, `known_not_affected`, `under_investigation` … */
  readonly productStatus: ReadonlyMap<string, readonly string[]>;
  readonly remediations: readonly CsafRemark[];
  readonly threats: readonly CsafRemark[];
  readonly flags: readonly CsafRemark[];
  readonly scores: readonly { readonly version: string; readonly vector: string; readonly score?: number }[];
}

/** What is said of some products: a remediation, a threat, or a flag (whose category is its label). */
export interface CsafRemark {
  readonly category: string;
  readonly details: string;
  readonly url?: string;
  readonly productIds: readonly string[];
}

/** Branches within branches of the product tree; real ones have five levels. */
const MAX_BRANCH_DEPTH = 64;

/**
 * Reads a parsed CSAF document. What we do not use is not looked at; a list that is absent is an empty one.
 *
 * @throws ScannerError `feed.malformed` where something that we use has another form.
 */
export function readCsaf(json: unknown): CsafDocument {
  const root = recordOf(json, 'the document');
  const document = recordOf(root.document, 'document');
  const tracking = recordOf(document.tracking, 'document.tracking');
  const tree = recordOf(root.product_tree ?? {}, 'product_tree');
  const productById = new Map<string, CsafProduct>();
  readProducts(tree, productById, 0);
  return {
    id: textOf(tracking.id, 'document.tracking.id'),
    status: textOf(tracking.status ?? '', 'document.tracking.status'),
    ...optionalText('currentReleaseDate', tracking.current_release_date),
    ...optionalText('title', document.title),
    ...optionalText('publisher', recordOf(document.publisher ?? {}, 'publisher').name),
    ...optionalText('aggregateSeverity', recordOf(document.aggregate_severity ?? {}, 'aggregate_severity').text),
    productById,
    relationshipById: new Map(listOf(tree.relationships, 'relationships').map(readRelationship)),
    vulnerabilities: listOf(root.vulnerabilities, 'vulnerabilities').map(readVulnerability),
  };
}

/** Walks `branches`, `full_product_names` and `product`, wherever the tree has them. */
function readProducts(node: Fields, productById: Map<string, CsafProduct>, depth: number): void {
  if (depth > MAX_BRANCH_DEPTH) throw malformed(`product_tree has more than ${MAX_BRANCH_DEPTH} levels`);
  const own = node.product === undefined ? [] : [node.product];
  for (const product of [...own, ...listOf(node.full_product_names, 'full_product_names')]) {
    const fields = recordOf(product, 'a product');
    const helper = recordOf(fields.product_identification_helper ?? {}, 'product_identification_helper');
    productById.set(textOf(fields.product_id, 'product_id'), {
      name: textOf(fields.name ?? '', 'name of a product'),
      ...optionalText('cpe', helper.cpe),
      ...optionalText('purl', helper.purl),
    });
  }
  for (const branch of listOf(node.branches, 'branches'))
    readProducts(recordOf(branch, 'a branch'), productById, depth + 1);
}

function readRelationship(value: unknown): [id: string, CsafRelationship] {
  const fields = recordOf(value, 'a relationship');
  const pair = recordOf(fields.full_product_name, 'full_product_name');
  return [
    textOf(pair.product_id, 'product_id'),
    {
      component: textOf(fields.product_reference, 'product_reference'),
      product: textOf(fields.relates_to_product_reference, 'relates_to_product_reference'),
    },
  ];
}

function readVulnerability(value: unknown): CsafVulnerability {
  const fields = recordOf(value, 'a vulnerability');
  const statuses = Object.entries(recordOf(fields.product_status ?? {}, 'product_status'));
  return {
    ...optionalText('cve', fields.cve),
    ids: listOf(fields.ids, 'ids').flatMap((id) => {
      const { text } = recordOf(id, 'an id');
      return typeof text === 'string' ? [text] : [];
    }),
    ...optionalText('title', fields.title),
    ...optionalText('cwe', recordOf(fields.cwe ?? {}, 'cwe').id),
    ...optionalText('releaseDate', fields.release_date),
    notes: listOf(fields.notes, 'notes').map((note) => {
      const { category, text } = recordOf(note, 'a note');
      return { category: textOf(category ?? '', 'category of a note'), text: textOf(text ?? '', 'text of a note') };
    }),
    references: listOf(fields.references, 'references').flatMap((reference) => {
      const { url } = recordOf(reference, 'a reference');
      return typeof url === 'string' ? [{ url }] : [];
    }),
    productStatus: new Map(statuses.map(([status, ids]) => [status, textsOf(ids, status)])),
    remediations: listOf(fields.remediations, 'remediations').map((remark) => readRemark(remark, 'category')),
    threats: listOf(fields.threats, 'threats').map((remark) => readRemark(remark, 'category')),
    flags: listOf(fields.flags, 'flags').map((remark) => readRemark(remark, 'label')),
    scores: listOf(fields.scores, 'scores').flatMap(readScores),
  };
}

function readRemark(value: unknown, category: 'category' | 'label'): CsafRemark {
  const fields = recordOf(value, 'a remark');
  return {
    category: textOf(fields[category] ?? '', category),
    details: textOf(fields.details ?? '', 'details'),
    ...optionalText('url', fields.url),
    productIds: textsOf(fields.product_ids, 'product_ids'),
  };
}

function readScores(value: unknown): CsafVulnerability['scores'] {
  const fields = recordOf(value, 'a score');
  return [fields.cvss_v2, fields.cvss_v3, fields.cvss_v4].flatMap((cvss) => {
    const { version, vectorString, baseScore } = recordOf(cvss ?? {}, 'a CVSS score');
    if (typeof version !== 'string' || typeof vectorString !== 'string') return [];
    return [{ version, vector: vectorString, ...(typeof baseScore === 'number' && { score: baseScore }) }];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function recordOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(`${what} is no object`);
  return value as Fields;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(`${what} is no list`);
  return value;
}

function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw malformed(`${what} is no text`);
  return value;
}

function textsOf(value: unknown, what: string): readonly string[] {
  const list = listOf(value, what);
  for (const item of list) textOf(item, `an entry of ${what}`);
  return list as readonly string[];
}

function optionalText<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  return (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { readonly [K in Key]?: string };
}

function malformed(message: string): ScannerError {
  return new ScannerError('feed.malformed', `CSAF: ${message}`);
}
