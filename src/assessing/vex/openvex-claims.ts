import { isOpenVex, type OpenVexProduct, readOpenVex } from '../../documents/openvex.ts';
import type { Status } from '../../model/status.ts';
import type { JsonFields } from '../../platform/json-values.ts';
import type { VexClaim, VexContext, VexProduct } from './vex-document.ts';

const STATUSES: readonly string[] = ['affected', 'not_affected', 'fixed', 'under_investigation'] satisfies Status[];

/** The claims of an OpenVEX document; undefined where it is none. "Not affected" without a reason is none, as OpenVEX demands one. */
export function openVexClaims(document: JsonFields, { name, fault }: VexContext): readonly VexClaim[] | undefined {
  if (!isOpenVex(document)) return undefined;
  const { author = name, timestamp, statements } = readOpenVex(document);
  return statements.flatMap((statement, index): VexClaim[] => {
    const { vulnerabilityIds, products, status, justification, impactStatement, notes } = statement;
    const refuse = (what: string): VexClaim[] => {
      fault(`statements[${index}]`, what);
      return [];
    };
    if (status === undefined || !STATUSES.includes(status))
      return refuse(`has the unknown status ${JSON.stringify(status ?? '')}`);
    if (vulnerabilityIds.length === 0) return refuse('names no vulnerability');
    if (products.length === 0) return refuse('names no product');
    if (status === 'not_affected' && justification === undefined && impactStatement === undefined)
      return refuse('says "not affected" without a justification or impact statement');
    const at = statement.timestamp ?? timestamp;
    const detail = impactStatement ?? notes;
    return [
      {
        vulnerabilityIds,
        products: products.map(productOf),
        statement: {
          ...{ status: status as Status, author, document: name },
          ...(at !== undefined && { at }),
          ...(justification !== undefined && { justification }),
          ...(detail !== undefined && { detail }),
        },
      },
    ];
  });
}

function productOf({ names, subcomponents }: OpenVexProduct): VexProduct {
  return { names, ...(subcomponents.length > 0 && { parts: subcomponents }) };
}
