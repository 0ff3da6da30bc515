import { type CsafDocument, type CsafVulnerability, readCsaf } from '../../documents/csaf.ts';
import type { Status } from '../../model/status.ts';
import { asFields, type JsonFields } from '../../platform/json-values.ts';
import type { VexClaim, VexContext, VexProduct } from './vex-document.ts';

/** What each product status says; `recommended` says nothing of being affected. */
const STATUS_BY_WORD: Readonly<Record<string, Status>> = {
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_not_affected: 'not_affected',
  known_affected: 'affected',
  first_affected: 'affected',
  last_affected: 'affected',
  under_investigation: 'under_investigation',
};

/**
 * The claims of a CSAF 2.0 document; undefined where it is none.
 *
 * @throws ScannerError `feed.malformed` where what is used has another form.
 */
export function csafClaims(document: JsonFields, { name, fault }: VexContext): readonly VexClaim[] | undefined {
  if (typeof asFields(document.document).csaf_version !== 'string') return undefined;
  const csaf = readCsaf(document);
  const { publisher: author = name, currentReleaseDate: at } = csaf;
  return csaf.vulnerabilities.flatMap((vulnerability, index) => {
    const vulnerabilityIds = [...(vulnerability.cve === undefined ? [] : [vulnerability.cve]), ...vulnerability.ids];
    if (vulnerabilityIds.length === 0) fault(`vulnerabilities[${index}]`, 'names no CVE and no other id');
    return [...vulnerability.productStatus].flatMap(([word, productIds]) => {
      const status = STATUS_BY_WORD[word];
      if (status === undefined || vulnerabilityIds.length === 0) return [];
      return productIds.map((productId): VexClaim => {
        const product = productOf(csaf, productId);
        return {
          vulnerabilityIds,
          products: [product],
          statement: {
            ...{ status, author, document: name },
            ...(at !== undefined && { at }),
            ...reasonOf(vulnerability, productId),
          },
        };
      });
    });
  });
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

function reasonOf({ flags, threats }: CsafVulnerability, productId: string) {
  const flag = flags.find(({ productIds }) => productIds.includes(productId));
  const impact = threats.find(({ category, productIds }) => category === 'impact' && productIds.includes(productId));
  return {
    ...(flag && flag.category !== '' && { justification: flag.category }),
    ...(impact && impact.details !== '' && { detail: impact.details }),
  };
}
