import { type Confidence, compareConfidence } from '../model/confidence.ts';
import type { Match, Proof } from '../model/match.ts';
import type { Package } from '../model/package.ts';
import { type FixState, isConcern, type Status } from '../model/status.ts';
import type { Vulnerability } from '../model/vulnerability.ts';
import { GIT_SCHEME } from '../versions/judge-commit.ts';
import type { AdvisorySource } from './advisory-source.ts';
import { type Heard, statusOf } from './hear.ts';
import { sortVersions } from './installed-version.ts';
import { type Judged, JudgedProof, proofPackageOf } from './judged-proof.ts';

/** The order in which voices decide: who says "affected" is believed before who says "fixed". */
const RANK: Readonly<Record<Status, number>> = { affected: 0, under_investigation: 1, fixed: 2, not_affected: 3 };

interface ConsolidateOptions {
  readonly source: Pick<AdvisorySource, 'canonicalIds' | 'vulnerability'>;
  readonly allStatements: boolean;
  readonly minConfidence: Confidence;
}

/**
 * Makes one match of all that is said of one vulnerability, under any of its ids, in one package: the gravest statement decides, and
 * the others are kept beside it in the proof. Who speaks of the package by its name knows better than who speaks of a product by its
 * CPE; of CPEs the surest.
 *
 * @param allStatements also matches that the publishers clear ("fixed", "not affected").
 * @param minConfidence leaves out what rests on a CPE that is less sure.
 * @returns sorted by vulnerability.
 */
export function consolidate(installed: Package, heard: readonly Heard[], options: ConsolidateOptions): Match[] {
  const { source, allStatements, minConfidence } = options;
  const matches: Match[] = [];
  const proofPackage = proofPackageOf(installed);
  for (const [vulnerabilityId, group] of groupByVulnerability(heard, options)) {
    const [decisive, ...others] = withoutOpenCommits(withoutWithdrawn(group, source.vulnerability(vulnerabilityId)))
      .map(judgedOf)
      .sort((a, b) => compareAuthority(a, b) || RANK[a.status] - RANK[b.status]);
    const isSure = compareConfidence(decisive?.identity.confidence ?? 'exact', minConfidence) <= 0;
    if (decisive && isSure && (allStatements || isConcern(decisive.status))) {
      const judged = { decisive, others: others.length > 0 ? others : NO_OTHERS };
      matches.push(matchOf({ packageId: installed.id, vulnerabilityId }, proofPackage, judged));
    }
  }
  return matches.sort((a, b) => (a.vulnerabilityId < b.vulnerabilityId ? -1 : 1));
}

/** Of most matches, which share it. */
const NO_OTHERS: readonly Judged[] = [];

function judgedOf(heard: Heard): Judged {
  const { identity, advisory, comparison, verdict, product } = heard;
  return { identity, advisory, comparison, verdict, status: statusOf(heard), ...(product && { product }) };
}

/** Below 0 where `a` knows better. */
function compareAuthority({ identity: a }: Judged, { identity: b }: Judged): number {
  if (a.confidence === undefined || b.confidence === undefined)
    return Number(a.confidence !== undefined) - Number(b.confidence !== undefined);
  return compareConfidence(a.confidence, b.confidence);
}

/** Statements by canonical id, one on several CVEs under each; of vulnerabilities that concern nobody only with `allStatements`. */
function groupByVulnerability(
  heard: readonly Heard[],
  { source, allStatements }: Pick<ConsolidateOptions, 'source' | 'allStatements'>,
): Map<string, Heard[]> {
  const concerning = allStatements ? heard : heard.filter(({ verdict }) => verdict !== 'cleared');
  const groups = new Map<string, Heard[]>();
  for (const one of concerning) {
    for (const id of source.canonicalIds(one.advisory.vulnerabilityId)) {
      const group = groups.get(id);
      if (group) group.push(one);
      else groups.set(id, [one]);
    }
  }
  if (allStatements || groups.size === 0) return groups;
  for (const one of heard) {
    if (one.verdict !== 'cleared') continue;
    for (const id of source.canonicalIds(one.advisory.vulnerabilityId)) groups.get(id)?.push(one);
  }
  return groups;
}

/** A statement that its publisher took back is none, whatever others say of the same flaw. */
export function withoutWithdrawn<T extends Pick<Heard, 'advisory'>>(
  group: readonly T[],
  { records }: Pick<Vulnerability, 'records'>,
): readonly T[] {
  const withdrawn = records.filter((record) => record.withdrawn !== undefined);
  if (withdrawn.length === 0) return group;
  return group.filter(
    ({ advisory }) =>
      !withdrawn.some(
        ({ source, id }) =>
          source === advisory.source && (id === advisory.vulnerabilityId || id === advisory.advisoryId),
      ),
  );
}

/** What a commit leaves open, as its history is not read, the version answers where somebody speaks of that. */
function withoutOpenCommits(group: readonly Heard[]): readonly Heard[] {
  const isOpen = ({ comparison }: Heard): boolean => comparison.outcome === 'undecided';
  const isOfCommit = ({ comparison }: Heard): boolean => comparison.scheme === GIT_SCHEME;
  const isAnswered = group.some((one) => !isOfCommit(one) && !isOpen(one));
  return isAnswered ? group.filter((one) => !isOfCommit(one) || !isOpen(one)) : group;
}

function matchOf(
  about: Pick<Match, 'packageId' | 'vulnerabilityId'>,
  proofPackage: Proof['package'],
  { decisive, others }: { readonly decisive: Judged; readonly others: readonly Judged[] },
): Match {
  const isAgreeing = (one: Judged) => one.status === decisive.status && compareAuthority(one, decisive) === 0;
  const agreeing = [decisive, ...others.filter(isAgreeing)];
  const fixed = isConcern(decisive.status) ? agreeing.flatMap(({ comparison }) => comparison.range?.fixed ?? []) : [];
  const rated = agreeing.find(({ advisory }) => advisory.severity !== undefined)?.advisory;
  return {
    packageId: about.packageId,
    vulnerabilityId: about.vulnerabilityId,
    status: decisive.status,
    fixState: fixStateOf(decisive, fixed.length > 0),
    fixedVersions: sortVersions(decisive.comparison.scheme, [...new Set(fixed)]),
    advisory: decisive.advisory,
    proof: new JudgedProof(proofPackage, decisive, others),
    ...(rated?.severity && { severity: { word: rated.severity, source: rated.source } }),
    ...(decisive.identity.confidence && { confidence: decisive.identity.confidence }),
  };
}

/** A fix that any agreeing voice names is one; without it an advisory's "fixed" speaks of another range. */
function fixStateOf({ status, advisory, comparison }: Judged, hasFix: boolean): FixState {
  if (hasFix || !isConcern(status)) return hasFix || status === 'fixed' ? 'fixed' : advisory.fixState;
  if (advisory.fixState !== 'fixed') return advisory.fixState;
  // The last affected version has a successor, and nobody says which.
  return comparison.range?.lastAffected === undefined ? 'not_fixed' : 'unknown';
}
