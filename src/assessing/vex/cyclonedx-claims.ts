import {
  type CycloneDxVulnerability,
  componentsOf,
  isCycloneDx,
  type ReportDeviation,
  subjectOf,
  vulnerabilitiesOf,
} from '../../documents/cyclonedx.ts';
import type { Status } from '../../model/status.ts';
import type { VexStatement } from '../../model/vex-statement.ts';
import { asFields, asList, asText, type JsonFields } from '../../platform/json-values.ts';
import type { VexClaim, VexContext, VexProduct } from './vex-document.ts';

/** Source: https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_state. */
const STATUS_BY_STATE: ReadonlyMap<string, Status> = new Map([
  ['resolved', 'fixed'],
  ['resolved_with_pedigree', 'fixed'],
  ['not_affected', 'not_affected'],
  ['false_positive', 'not_affected'],
  ['exploitable', 'affected'],
  ['in_triage', 'under_investigation'],
]);

/** The claims of a CycloneDX document in its JSON form; undefined where it is none. */
export function cyclonedxClaims(bom: JsonFields, context: VexContext): Iterable<VexClaim> | undefined {
  return isCycloneDx(bom) ? claimsOf(bom, context) : undefined;
}

function* claimsOf(bom: JsonFields, context: VexContext): Generator<VexClaim> {
  const deviation: ReportDeviation = (place, what) => context.fault(place, what);
  const namesByRef = namesOfComponents(bom);
  const author = authorOf(bom) ?? context.name;
  const timestamp = asText(asFields(bom.metadata).timestamp);
  for (const vulnerability of vulnerabilitiesOf(bom, deviation)) {
    const { id, aliases, state, place, affects } = vulnerability;
    if (state === undefined) continue;
    const status = STATUS_BY_STATE.get(state);
    if (status === undefined) deviation(place, `has the unknown state ${JSON.stringify(state)}`);
    if (status === undefined) continue;
    if (affects.length === 0) deviation(place, 'says of nothing that it is affected or not');
    const vulnerabilityIds = [id, ...aliases];
    for (const ref of affects)
      yield* claimsOn(ref, { vulnerability, vulnerabilityIds, status, author, timestamp, namesByRef, context });
  }
}

interface Said {
  readonly vulnerability: CycloneDxVulnerability;
  readonly vulnerabilityIds: readonly string[];
  readonly status: Status;
  readonly author: string;
  readonly timestamp: string | undefined;
  readonly namesByRef: ReadonlyMap<string, readonly string[]>;
  readonly context: VexContext;
}

/** Where versions are named, the analysis is of the affected ones; the others have not the flaw. */
function claimsOn(ref: string, said: Said): readonly VexClaim[] {
  const { vulnerability, vulnerabilityIds, status, author, timestamp, namesByRef, context } = said;
  const { place, updated, justification, detail, versions } = vulnerability;
  const at = updated ?? timestamp;
  const reason = { ...(justification !== undefined && { justification }), ...(detail !== undefined && { detail }) };
  const claim = (product: VexProduct, own: Pick<VexStatement, 'status' | 'justification' | 'detail'>): VexClaim => ({
    vulnerabilityIds,
    products: [product],
    statement: { ...{ author, document: context.name }, ...(at !== undefined && { at }), ...own },
  });
  const names = namesByRef.get(ref) ?? [ref];
  const listed = versions.get(ref);
  if (!listed) return [claim({ names }, { status, ...reason })];
  const { affected, unaffected, hasMore } = listed;
  if (hasMore)
    context.fault(place, 'names ranges of versions, which are not read: what it says of them does not count');
  // What is said to be affected in some versions may be so in this one.
  const isAnyAffected = hasMore && status === 'affected';
  return [
    ...(isAnyAffected ? [claim({ names }, { status, ...reason })] : []),
    ...(affected.length > 0 && !isAnyAffected ? [claim({ names, versions: affected }, { status, ...reason })] : []),
    ...(unaffected.length > 0 ? [claim({ names, versions: unaffected }, { status: 'not_affected' })] : []),
  ];
}

/** By reference: purl and CPE, and the reference itself, which may be one of these. */
function namesOfComponents(bom: JsonFields): ReadonlyMap<string, readonly string[]> {
  const silent: ReportDeviation = () => {};
  const names = new Map<string, readonly string[]>();
  for (const component of [subjectOf(bom, silent), ...componentsOf(bom, silent)]) {
    if (component?.ref === undefined) continue;
    const { ref, purl, cpe } = component;
    const own = [ref, purl, cpe].filter((name) => name !== undefined);
    // A reference that stands for two components names neither.
    names.set(ref, names.has(ref) ? [] : own);
  }
  return names;
}

function authorOf(bom: JsonFields): string | undefined {
  const { authors, manufacturer, manufacture, supplier, tools } = asFields(bom.metadata);
  const author = asFields(asList(authors)[0]);
  const tool = asFields(Array.isArray(tools) ? tools[0] : asList(asFields(tools).components)[0]);
  const names = [
    author.name ?? author.email,
    ...[manufacturer, manufacture, supplier, tool].map((one) => asFields(one).name),
  ];
  return names.map(asText).find((name) => name !== undefined);
}
