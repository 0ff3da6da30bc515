import { compareConfidence } from '../../model/confidence.ts';
import type { CpeConfiguration, CpeCriteria, CpeNode } from '../../model/cpe-configuration.ts';
import type { ProofProduct } from '../../model/match.ts';
import { type CriterionVerdict, judgeCriterion } from './judge-criterion.ts';
import type { PackageCpe } from './package-cpe.ts';
import type { Presence, Surroundings } from './surroundings.ts';

/** What a vulnerability's configurations say of a package. */
export interface ProductVerdict extends CriterionVerdict {
  readonly product: ProofProduct;
}

/**
 * What a vulnerability's configurations say of a package by one of its CPEs: the criterion that decides, which is the surest of those
 * that hold the version, else of those that do not.
 *
 * A configuration may ask for more than the flawed product ("running on"). That counts as given unless the inventory disproves it.
 *
 * @returns undefined where none names it as vulnerable.
 */
export function judgeConfigurations(
  configurations: readonly CpeConfiguration[],
  cpe: PackageCpe,
  surroundings: Surroundings,
): ProductVerdict | undefined {
  let decisive: ProductVerdict | undefined;
  for (const configuration of configurations) {
    if (configuration.negate) continue;
    for (const node of configuration.nodes) {
      if (node.negate) continue;
      for (const criterion of node.criteria) {
        const verdict = criterion.vulnerable ? judgeCriterion(criterion, cpe) : undefined;
        if (!verdict) continue;
        const needs = demandsOf({ configuration, node, criterion });
        const judged = applyNeeds(verdict, criterion, needs, surroundings);
        if (!decisive || compareVerdicts(judged, decisive) < 0) decisive = judged;
      }
    }
  }
  return decisive;
}

function compareVerdicts(a: ProductVerdict, b: ProductVerdict): number {
  const isAffected = (verdict: ProductVerdict): number => Number(verdict.comparison.outcome === 'affected');
  return isAffected(b) - isAffected(a) || compareConfidence(a.confidence, b.confidence);
}

/** What must be there beside the product: one criterion of each list. */
type Demands = readonly { readonly isNegated: boolean; readonly anyOf: readonly CpeCriteria[] }[];

interface Place {
  readonly configuration: CpeConfiguration;
  readonly node: CpeNode;
  readonly criterion: CpeCriteria;
}

function demandsOf({ configuration, node, criterion }: Place): Demands {
  const within =
    node.operator === 'AND' ? node.criteria.filter((other) => other !== criterion).map((other) => [other]) : [];
  const nodes = configuration.operator === 'AND' ? configuration.nodes.filter((other) => other !== node) : [];
  return [
    ...within.map((anyOf) => ({ isNegated: false, anyOf })),
    ...nodes.flatMap(({ operator, negate, criteria }) => {
      const isOneList = operator === 'OR' || negate;
      return isOneList
        ? [{ isNegated: negate, anyOf: criteria }]
        : criteria.map((each) => ({ isNegated: false, anyOf: [each] }));
    }),
  ];
}

/** The comparison of a version that would be affected, were there what else the configuration needs. */
export function withoutNeeds(
  { comparison: { scheme, version } }: CriterionVerdict,
  { needs = [] }: ProofProduct,
): CriterionVerdict['comparison'] {
  const reason = `it needs ${needs.join(' or ')}, which the inventory does not have`;
  return { scheme, version, outcome: 'not_affected', reason };
}

/** How many CPEs a proof names of those that would do. */
const MAX_NAMED = 3;

function applyNeeds(
  verdict: CriterionVerdict,
  criterion: CpeCriteria,
  demands: Demands,
  surroundings: Surroundings,
): ProductVerdict {
  if (verdict.comparison.outcome === 'not_affected') return { ...verdict, product: { criterion } };
  let unproven: readonly string[] | undefined;
  for (const { anyOf, isNegated } of demands) {
    const presence = presenceOfAny(anyOf, surroundings);
    if (presence === (isNegated ? 'absent' : 'present')) continue;
    const needs = namesOf(anyOf, isNegated);
    if (presence !== 'unknown') {
      const product: ProofProduct = { criterion, needs, isDisproved: true };
      return { ...verdict, comparison: withoutNeeds(verdict, product), product };
    }
    unproven ??= needs;
  }
  return { ...verdict, product: { criterion, ...(unproven && { needs: unproven }) } };
}

function presenceOfAny(criteria: readonly CpeCriteria[], surroundings: Surroundings): Presence {
  let presence: Presence = 'absent';
  for (const criterion of criteria) {
    const one = surroundings.presenceOf(criterion);
    if (one === 'present') return 'present';
    if (one === 'unknown') presence = 'unknown';
  }
  return presence;
}

function namesOf(criteria: readonly CpeCriteria[], isNegated: boolean): readonly string[] {
  const named = criteria.slice(0, MAX_NAMED).map((each) => (isNegated ? `not ${each.criteria}` : each.criteria));
  const more = criteria.length - named.length;
  return more > 0 ? [...named, `${more} more`] : named;
}
