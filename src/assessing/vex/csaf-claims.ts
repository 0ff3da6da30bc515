import { type CsafDocument, type CsafRemark, type CsafVulnerability, readCsaf } from '../../documents/csaf.ts';
import type { Status } from '../../model/status.ts';
import { asFields, type JsonFields } from '../../platform/json-values.ts';
import type { VexClaim, VexContext, VexProduct } from './vex-document.ts';

/** What each product status says; `recommended` says nothing of being affected. */
const STATUS_BY_WORD: ReadonlyMap<string, Status> = new Map([
  ['fixed', 'fixed'],
  ['first_fixed', 'fixed'],
  ['known_not_affected', 'not_affected'],
  ['known_affected', 'affected'],
  ['first_affected', 'affected'],
  ['last_affected', 'affected'],
  ['under_investigation', 'under_investigation'],
]);

/**
 * The claims of a CSAF 2.0 document; undefined where it is none.
 *
 * @throws ScannerError `feed.malformed` where what is used has another form.
 */
export function csafClaims(document: JsonFields, context: VexContext): Iterable<VexClaim> | undefined {
  if (typeof asFields(document.document).csaf_version !== 'string') return undefined;
  return claimsOf(readCsaf(document), context);
}

function* claimsOf(csaf: CsafDocument, { name, fault }: VexContext): Generator<VexClaim> {
  const { publisher: author = name, currentReleaseDate: at } = csaf;
  for (const [index, vulnerability] of csaf.vulnerabilities.entries()) {
    const vulnerabilityIds = [...(vulnerability.cve === undefined ? [] : [vulnerability.cve]), ...vulnerability.ids];
    if (vulnerabilityIds.length === 0) {
      fault(`vulnerabilities[${index}]`, 'names no CVE and no other id');
      continue;
    }
    const reasonOf = reasonsOf(vulnerability);
    for (const [word, productIds] of vulnerability.productStatus) {
      const status = STATUS_BY_WORD.get(word);
      if (status === undefined) continue;
      const said = { status, author, document: name, ...(at !== undefined && { at }) };
      for (const productId of productIds)
        yield {
          vulnerabilityIds,
          products: [productOf(csaf, productId)],
          statement: { ...said, ...reasonOf(productId) },
        };
    }
  }
}

/** A pair of the tree is its component as a part of its product, which may be known by its plain name. */
function productOf({ productById, relationshipById }: CsafDocument, productId: string): VexProduct {
  const namesOf = (id: string): readonly string[] => {
    const { purl, cpe } = productById.get(id) ?? {};
    return [purl, cpe].filter((name) => name !== undefined);
  };
  const pair = relationshipById.get(productId);
  if (!pair) return { names: namesOf(productId) };
  const product = productById.get(pair.product);
  return { names: [...namesOf(pair.product), ...(product ? [product.name] : [])], parts: [namesOf(pair.component)] };
}

/** By product what is said first of it. */
function reasonsOf({ flags, threats }: CsafVulnerability) {
  const justifications = firstByProduct(flags, ({ category }) => category);
  const impacts = firstByProduct(
    threats.filter(({ category }) => category === 'impact'),
    ({ details }) => details,
  );
  return (productId: string) => {
    const [justification, detail] = [justifications.get(productId), impacts.get(productId)];
    return { ...(justification && { justification }), ...(detail && { detail }) };
  };
}

function firstByProduct(remarks: readonly CsafRemark[], wordOf: (remark: CsafRemark) => string) {
  const words = new Map<string, string>();
  for (const remark of remarks)
    for (const productId of remark.productIds) if (!words.has(productId)) words.set(productId, wordOf(remark));
  return words;
}
