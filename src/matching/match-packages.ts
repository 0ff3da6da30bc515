import { LEDGER_CLASSES, type Ledger, type LedgerClass } from '../model/ledger.ts';
import type { Match } from '../model/match.ts';
import type { Package } from '../model/package.ts';
import { isConcern } from '../model/status.ts';
import type { Vulnerability } from '../model/vulnerability.ts';
import type { AdvisorySource } from './advisory-source.ts';
import { hasNamespace, missingFeed, type NamespacedPackage, type Obstacle, obstacleOf } from './assessability.ts';
import { consolidate } from './consolidate.ts';
import { Hearings } from './hear.ts';
import { rememberAnswers } from './remember-answers.ts';

/** How packages are matched. */
export interface MatchOptions {
  /** Judges whether a source still covers a release. */
  readonly now: Date;
  /** CPEs of the repositories that a Red Hat image was built from; default none stated. */
  readonly repositoryCpes?: readonly string[];
  /** Also what publishers clear: `fixed` and `not_affected`; default false. */
  readonly allStatements?: boolean;
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
  { now, repositoryCpes = [], allStatements = false }: MatchOptions,
): Matching {
  const source = rememberAnswers(database);
  const hearings = new Hearings(source, repositoryCpes);
  const matches: Match[] = [];
  const classes: Classified[] = [];

  for (const installed of packages) {
    const obstacle = obstacleOf(installed, source);
    if (obstacle || !hasNamespace(installed)) {
      classes.push({ installed, obstacle });
      continue;
    }
    const { heard, unreadable } = hearings.of(installed);
    const found = consolidate(installed, heard, { source, allStatements });
    const isMatched = found.some(({ status }) => isConcern(status));
    for (const match of found) matches.push(match);
    classes.push({
      installed,
      isMatched,
      obstacle: isMatched ? undefined : obstacleAfter(installed, unreadable, { source, now }),
    });
  }
  return { matches, ledger: ledgerOf(classes), vulnerabilities: source.vulnerabilities };
}

/** What keeps a package without a match from being called clean. */
function obstacleAfter(
  { namespace }: NamespacedPackage,
  unreadable: string | undefined,
  { source, now }: { readonly source: AdvisorySource; readonly now: Date },
): Obstacle | undefined {
  return (
    missingFeed(namespace, source, now) ??
    (unreadable === undefined ? undefined : { class: 'unreadableVersion', reason: unreadable })
  );
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
