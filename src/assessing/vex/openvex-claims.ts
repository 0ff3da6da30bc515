import {
  isOpenVex,
  type OpenVexDocument,
  type OpenVexProduct,
  type OpenVexStatement,
  readOpenVex,
} from '../../documents/openvex.ts';
import type { Status } from '../../model/status.ts';
import type { JsonFields } from '../../platform/json-values.ts';
import type { VexClaim, VexContext, VexProduct } from './vex-document.ts';

const STATUSES: readonly string[] = ['affected', 'not_affected', 'fixed', 'under_investigation'] satisfies Status[];

/** The claims of an OpenVEX document; undefined where it is none. */
export function openVexClaims(document: JsonFields, context: VexContext): Iterable<VexClaim> | undefined {
  return isOpenVex(document) ? claimsOf(readOpenVex(document), context) : undefined;
}

/** "Not affected" without a reason is no claim, as OpenVEX demands one. */
function* claimsOf(openVex: OpenVexDocument, { name, fault }: VexContext): Generator<VexClaim> {
  const { author = name, timestamp, statements } = openVex;
  for (const [index, statement] of statements.entries()) {
    const { vulnerabilityIds, products, status, justification, impactStatement, notes } = statement;
    const flaw = flawOf(statement);
    if (flaw !== undefined) {
      fault(`statements[${index}]`, flaw);
      continue;
    }
    const at = statement.timestamp ?? timestamp;
    const detail = impactStatement ?? notes;
    yield {
      vulnerabilityIds,
      products: products.map(productOf),
      statement: {
        ...{ status: status as Status, author, document: name },
        ...(at !== undefined && { at }),
        ...(justification !== undefined && { justification }),
        ...(detail !== undefined && { detail }),
      },
    };
  }
}

function flawOf(statement: OpenVexStatement): string | undefined {
  const { vulnerabilityIds, products, status, justification, impactStatement } = statement;
  if (status === undefined || !STATUSES.includes(status))
    return `has the unknown status ${JSON.stringify(status ?? '')}`;
  if (vulnerabilityIds.length === 0) return 'names no vulnerability';
  if (products.length === 0) return 'names no product';
  if (status === 'not_affected' && justification === undefined && impactStatement === undefined)
    return 'says "not affected" without a justification or impact statement';
  return undefined;
}

function productOf({ names, subcomponents }: OpenVexProduct): VexProduct {
  return { names, ...(subcomponents.length > 0 && { parts: subcomponents }) };
}
