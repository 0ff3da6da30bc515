import { ScannerError } from '../../model/errors.ts';
import type { Problem } from '../../model/problem.ts';
import { documentText } from '../../platform/document-text.ts';
import { parseJsonDocument } from '../../platform/json-document.ts';
import { asFields, type JsonFields } from '../../platform/json-values.ts';
import { csafClaims } from './csaf-claims.ts';
import { cyclonedxClaims } from './cyclonedx-claims.ts';
import { openVexClaims } from './openvex-claims.ts';
import type { VexClaim, VexContext } from './vex-document.ts';

/** What a VEX document may hold. */
export const VEX_LIMITS = {
  maxNestingDepth: 128,
  maxStringBytes: 16 << 20,
  maxObjects: 10_000_000,
  /** Each id of a vulnerability with each product. */
  maxStatements: 5_000_000,
};

/** What was read of VEX documents. */
export interface VexReading {
  readonly claims: readonly VexClaim[];
  /** What in them cannot be honoured. */
  readonly problems: readonly Problem[];
}

/** More faults of one document are counted, not listed. */
const MAX_LISTED_FAULTS = 20;

/**
 * Reads a VEX document: OpenVEX, CSAF or CycloneDX in JSON, told apart by content.
 *
 * @param name of the file, for messages.
 * @throws ScannerError `vex.malformed`; `document.malformed` or `document.limit-exceeded` where it is no JSON that may be read.
 */
export function readVex(bytes: Buffer, name: string, limits = VEX_LIMITS): VexReading {
  const problems: Problem[] = [];
  let faultCount = 0;
  const fault: VexContext['fault'] = (place, what) => {
    if (++faultCount <= MAX_LISTED_FAULTS)
      problems.push({ code: 'vex.not-honoured', message: `${name}: ${place} ${what}`, path: name });
  };
  const text = documentText(bytes);
  const document = asFields(named(name, () => parseJsonDocument(bytes, text, limits)));
  const claims = claimsOf(document, { name, fault }, limits);
  if (faultCount > MAX_LISTED_FAULTS) {
    const message = `${name}: ${faultCount - MAX_LISTED_FAULTS} further statements cannot be honoured`;
    problems.push({ code: 'vex.not-honoured', message, path: name });
  }
  // An SBOM, say, named by mistake: who takes it for VEX must hear of it.
  if (claims.length === 0 && faultCount === 0) {
    const message = `${name}: it says of no vulnerability whether anything is affected`;
    problems.push({ code: 'vex.not-honoured', message, path: name });
  }
  return { claims, problems };
}

function claimsOf(
  document: JsonFields,
  context: VexContext,
  { maxStatements }: Pick<typeof VEX_LIMITS, 'maxStatements'>,
): readonly VexClaim[] {
  return named(context.name, () => {
    const stated =
      openVexClaims(document, context) ?? csafClaims(document, context) ?? cyclonedxClaims(document, context);
    if (!stated)
      throw new ScannerError(
        'vex.malformed',
        'it is no VEX document: neither OpenVEX, nor CSAF, nor CycloneDX in JSON',
      );
    const claims: VexClaim[] = [];
    let statementCount = 0;
    for (const claim of stated) {
      statementCount += claim.vulnerabilityIds.length * claim.products.length;
      if (statementCount > maxStatements)
        throw new ScannerError('document.limit-exceeded', `it has more than maxStatements ${maxStatements}`);
      claims.push(claim);
    }
    return claims;
  });
}

/** Says which document an error is about. */
function named<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof ScannerError)) throw cause;
    throw new ScannerError('vex.malformed', `${name}: ${cause.message}`, { name }, { cause });
  }
}
