import type { AffectedRange } from '../model/advisory.ts';
import type { FixState } from '../model/status.ts';
import type { OsvAffected, OsvEvent, OsvRange } from './schemas/osv.ts';

/** What an affected package's ranges say of its versions. */
export interface OsvVersions {
  readonly affected: readonly AffectedRange[];
  readonly fixState: FixState;
  /** Events that no order of theirs explains: the ranges above then leave their ends open, and nothing is decided. */
  readonly isUndecided: boolean;
}

/**
 * Turns events into ranges. GIT ranges speak of commits and say nothing of versions: `readCommits` takes them.
 * Source: https://ossf.github.io/osv-schema/#evaluation: a version is affected if it is enumerated or any range holds it.
 */
export function readVersions({ ranges }: OsvAffected): OsvVersions {
  const affected: AffectedRange[] = [];
  let isUndecided = false;
  for (const range of ranges) {
    if (range.type === 'GIT') continue;
    const pairs = pairEvents(range);
    affected.push(...(pairs ?? [{ introduced: lowest(range.events) }]));
    isUndecided ||= pairs === undefined;
  }
  return { affected, fixState: fixStateOf(ranges), isUndecided };
}

/**
 * A GIT range's events, which nobody can order without the repository: each beginning and each end is in one of the pairs, and an end
 * in all of them if there is one, so that a pair without end says that there is none.
 */
export function readCommits({ events }: OsvRange): readonly AffectedRange[] {
  const of = (...kinds: readonly OsvEvent['kind'][]): readonly string[] => [
    ...new Set(events.filter(({ kind }) => kinds.includes(kind)).map(({ version }) => version.toLowerCase())),
  ];
  if (events.length === 0) return [];
  const [stated, ends, lasts] = [
    of('introduced'),
    of('fixed', 'limit').filter((end) => end !== '*'),
    of('last_affected'),
  ];
  const begins = stated.length > 0 ? stated : ['0'];
  const longest = Math.max(begins.length, ends.length, lasts.length);
  return Array.from({ length: longest }, (_, index) => ({
    introduced: begins[index % begins.length]!,
    ...(ends.length > 0 && { fixed: ends[index % ends.length]! }),
    ...(lasts.length > 0 && { lastAffected: lasts[index % lasts.length]! }),
  }));
}

/**
 * Events are a set, not a list: publishers write them in rising order or as pairs, which are read the same way. Of further ends
 * after one the first counts, since what is fixed stays fixed until the next beginning.
 *
 * @returns undefined where a second beginning comes before an end: telling which end is whose takes an order of versions.
 */
function pairEvents({ events }: OsvRange): readonly AffectedRange[] | undefined {
  const pairs: AffectedRange[] = [];
  let introduced: string | undefined;
  for (const { kind, version } of events) {
    if (kind === 'introduced') {
      if (introduced !== undefined) return undefined;
      introduced = version;
    } else if (introduced !== undefined) {
      pairs.push({ introduced, ...endOf(kind, version) });
      introduced = undefined;
    } else if (pairs.length === 0) return undefined;
  }
  if (introduced !== undefined) pairs.push({ introduced });
  return pairs;
}

/** A limit ends a range like a fix, and `*` is no limit. */
function endOf(kind: Exclude<OsvEvent['kind'], 'introduced'>, version: string): Omit<AffectedRange, 'introduced'> {
  if (kind === 'last_affected') return { lastAffected: version };
  return kind === 'limit' && version === '*' ? {} : { fixed: version };
}

/** `0` where the beginning of all versions is among them. */
function lowest(events: readonly OsvEvent[]): string {
  const begins = events.filter(({ kind }) => kind === 'introduced').map(({ version }) => version);
  return begins.length === 1 ? begins[0]! : '0';
}

function fixStateOf(ranges: readonly OsvRange[]): FixState {
  let state: FixState = 'unknown';
  for (const { type, events } of ranges) {
    if (type === 'GIT') continue;
    for (const { kind } of events) {
      if (kind === 'fixed') return 'fixed';
      if (kind === 'introduced') state = 'not_fixed';
    }
  }
  return ranges.some(hasOtherEnd) ? 'unknown' : state;
}

const hasOtherEnd = ({ type, events }: OsvRange): boolean =>
  type !== 'GIT' && events.some(({ kind }) => kind === 'last_affected' || kind === 'limit');
