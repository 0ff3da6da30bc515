import { SCHEME_BY_OS_TYPE } from '../documents/write-purl.ts';
import type { Confidence } from '../model/confidence.ts';
import { LEDGER_CLASSES, type Ledger, type LedgerClass } from '../model/ledger.ts';
import type { Match } from '../model/match.ts';
import type { Package } from '../model/package.ts';
import { isConcern } from '../model/status.ts';
import type { Vulnerability } from '../model/vulnerability.ts';
import type { AdvisorySource } from './advisory-source.ts';
import { hasNamespace, missingFeed, type Obstacle, obstacleOf } from './assessability.ts';
import { consolidate } from './consolidate.ts';
import { NO_PRODUCT, type ProductHearing, ProductHearings } from './cpe/hear-products.ts';
import { type Heard, type Hearing, Hearings } from './hear.ts';
import { rememberAnswers } from './remember-answers.ts';

/** How packages are matched. */
export interface MatchOptions {
  /** Judges whether a source still covers a release. */
  readonly now: Date;
  /** CPEs of the repositories that a Red Hat image was built from; default none stated. */
  readonly repositoryCpes?: readonly string[];
  /** Also what publishers clear: `fixed` and `not_affected`; default false. */
  readonly allStatements?: boolean;
  /** Matches by CPE that are less sure are left out; default `exact`. The ledger counts exact ones, whatever is left out. */
  readonly minConfidence?: Confidence;
}

/** What the advisory database says of packages. */
export interface Matching {
  /** In the order of the packages, then by vulnerability. */
  readonly matches: readonly Match[];
  readonly ledger: Ledger;
  /** What is known of the vulnerabilities of the matches, by canonical id. */
  readonly vulnerabilities: ReadonlyMap<string, Vulnerability>;
}

/** Packages x advisories: matches, each with its proof, and a ledger in which every package has one class. */
export function matchPackages(
  packages: readonly Package[],
  database: AdvisorySource,
  { now, repositoryCpes = [], allStatements = false, minConfidence = 'exact' }: MatchOptions,
): Matching {
  const source = rememberAnswers(database);
  const hearings = new Hearings(source, repositoryCpes);
  const products = new ProductHearings(source, packages, minConfidence);
  const isJudgedByCpe = (installed: Package): boolean =>
    installed.filtered === undefined && !isOfDistribution(installed, { source, now });
  const matches: Match[] = [];
  const classes: Classified[] = [];

  for (const installed of packages) {
    const obstacle = obstacleOf(installed, source);
    const named = obstacle || !hasNamespace(installed) ? NOTHING_NAMED : hearings.of(installed);
    const product = isJudgedByCpe(installed) ? products.of(installed) : NO_PRODUCT;
    const ofCommit = hearings.ofCommit(installed);
    const heard = joined(named.heard, ofCommit, product.heard);
    const found = consolidate(installed, heard, { source, allStatements, minConfidence });
    for (const match of found) matches.push(match);
    const isMatched = found.some(({ status, confidence = 'exact' }) => isConcern(status) && confidence === 'exact');
    const gap = obstacle
      ? beyondCommit(obstacle, ofCommit, isMatched)
      : gapOf(installed, named.unreadable, { source, now, isMatched });
    classes.push({ installed, isMatched, obstacle: gap && withoutProduct(gap, product) });
  }
  return { matches, ledger: ledgerOf(classes), vulnerabilities: source.vulnerabilities };
}

const NOTHING_NAMED: Hearing = { heard: [] };

const joined = (named: readonly Heard[], ...others: readonly (readonly Heard[])[]): readonly Heard[] =>
  others.every((heard) => heard.length === 0) ? named : [named, ...others].flat();

interface Day {
  readonly source: AdvisorySource;
  readonly now: Date;
}

/** Whether a distribution judges its own package: its versions carry fixes that no CPE knows of. */
function isOfDistribution({ type, namespace }: Package, { source, now }: Day): boolean {
  return (
    Object.hasOwn(SCHEME_BY_OS_TYPE, type) &&
    namespace !== undefined &&
    missingFeed(namespace, source, now) === undefined
  );
}

/**
 * What keeps a package from being called matched or clean. An unreadable version hides what a comparison would have found, whatever
 * matches without one; a release past its end hides nothing of what matches.
 */
function gapOf(
  { namespace }: Package,
  unreadable: string | undefined,
  { source, now, isMatched }: Day & { readonly isMatched: boolean },
): Obstacle | undefined {
  const missing = isMatched || namespace === undefined ? undefined : missingFeed(namespace, source, now);
  return missing ?? (unreadable === undefined ? undefined : { class: 'unreadableVersion', reason: unreadable });
}

/** A package that no registry names may be matched by its commit, but is never clean by it: not every flaw has a range of commits. */
function beyondCommit(obstacle: Obstacle, [heard]: readonly Heard[], isMatched: boolean): Obstacle | undefined {
  if (heard === undefined || obstacle.class !== 'unknownNamespace') return obstacle;
  const reason = `${obstacle.reason}; its commit is outside the ranges that are stated of ${heard.identity.name}`;
  return isMatched ? undefined : { ...obstacle, reason };
}

/** A package that is assessed by its CPE is clean, whatever keeps others from speaking of it. */
function withoutProduct(obstacle: Obstacle, { isAssessed, gap }: ProductHearing): Obstacle | undefined {
  if (isAssessed) return undefined;
  return gap === undefined ? obstacle : { ...obstacle, reason: `${obstacle.reason}; ${gap}` };
}

interface Classified {
  readonly installed: Package;
  readonly isMatched?: boolean;
  readonly obstacle: Obstacle | undefined;
}

function ledgerOf(classified: readonly Classified[]): Ledger {
  const counts = Object.fromEntries(LEDGER_CLASSES.map((name) => [name, 0])) as Record<LedgerClass, number>;
  for (const { isMatched, obstacle } of classified) counts[obstacle?.class ?? (isMatched ? 'matched' : 'clean')]++;
  return {
    components: classified.length,
    ...counts,
    notAssessed: classified.flatMap(({ installed, obstacle }) =>
      obstacle ? [{ packageId: installed.id, class: obstacle.class, reason: obstacle.reason }] : [],
    ),
  };
}
