import type { Advisory, AffectedRange } from '../model/advisory.ts';
import { SEVERITIES } from '../model/severity.ts';
import { FIX_STATES } from '../model/status.ts';

/**
 * Advisories as lines of a page. One line holds all vulnerabilities of which a part says the same about the same package:
 *
 *     [part, advisoryId, vulnerabilityIds, words, ranges, versions, qualifiers, note, link]
 *
 * A 0 stands for the usual: the advisory named like its part, the vulnerability like its advisory, nothing. Zeros at the end are
 * left out. `ranges` is the fixed version alone for the commonest form, "all before it".
 */
type Line = readonly unknown[];

/** Statement of a part on some vulnerabilities of one package: namespace and name are those of its page. */
export type Statement = Omit<Advisory, 'source' | 'namespace' | 'packageName' | 'vulnerabilityId'>;

const STATUSES = ['affected', 'not_affected', 'under_investigation'] as const;
const KINDS = ['source', 'binary'] as const;

/** What a line says apart from its vulnerabilities: statements with the same text share a line. */
export function statementText(statement: Statement): string {
  const { affected, versions, qualifiers, note, link } = statement;
  const words =
    STATUSES.indexOf(statement.status) +
    STATUSES.length * (FIX_STATES.indexOf(statement.fixState) + FIX_STATES.length * wordsBeyond(statement));
  const enumerated = versions?.length ? versions : 0;
  const rest = [rangesValue(affected), enumerated, qualifiersValue(qualifiers), note || 0, link || 0];
  return JSON.stringify([words, ...withoutTail(rest)]).slice(1, -1);
}

const wordsBeyond = ({ packageKind, severity }: Statement): number =>
  KINDS.indexOf(packageKind) + KINDS.length * (severity === undefined ? 0 : SEVERITIES.indexOf(severity) + 1);

/** The whole line. @param ids sorted. @param text of `statementText`. */
export function advisoryLine(part: string, advisoryId: string, ids: readonly string[], text: string): string {
  const named = advisoryId === part ? 0 : advisoryId;
  const spoken = ids.length > 1 ? ids : ids[0] === advisoryId ? 0 : ids[0];
  return `[${JSON.stringify(part)},${JSON.stringify(named)},${JSON.stringify(spoken)},${text}]`;
}

/** A line read back. */
export interface ReadLine {
  readonly part: string;
  readonly vulnerabilityIds: readonly string[];
  readonly statement: Statement;
}

/** Reads a line that `advisoryLine` wrote. */
export function readAdvisoryLine(text: string): ReadLine {
  const line = JSON.parse(text) as Line;
  const part = line[0] as string;
  const advisoryId = (line[1] || part) as string;
  const spoken = (line[2] || advisoryId) as string | string[];
  return {
    part,
    vulnerabilityIds: typeof spoken === 'string' ? [spoken] : spoken,
    statement: readStatement(line, advisoryId),
  };
}

function readStatement(line: Line, advisoryId: string): Statement {
  const [, , , words, ranges, versions, qualifiers, note, link] = line;
  let rest = words as number;
  const next = <Word>(list: readonly Word[]): Word | undefined => {
    const word = list[rest % list.length];
    rest = Math.floor(rest / list.length);
    return word;
  };
  const [status, fixState, packageKind] = [next(STATUSES)!, next(FIX_STATES)!, next(KINDS)!];
  return {
    advisoryId,
    packageKind,
    status,
    fixState,
    affected: readRanges(ranges as RangesValue),
    ...(rest > 0 && { severity: SEVERITIES[rest - 1]! }),
    ...(versions ? { versions: versions as string[] } : undefined),
    ...(qualifiers ? { qualifiers: qualifiers as NonNullable<Statement['qualifiers']> } : undefined),
    ...(note ? { note: note as string } : undefined),
    ...(link ? { link: link as string } : undefined),
  };
}

type RangesValue = 0 | undefined | string | readonly (readonly (string | 0)[])[];

function rangesValue(ranges: readonly AffectedRange[]): RangesValue {
  const [first] = ranges;
  if (!first) return 0;
  if (ranges.length === 1 && first.introduced === '0' && first.fixed && !first.lastAffected) return first.fixed;
  return ranges.map(({ introduced, fixed, lastAffected }) => withoutTail([introduced, fixed ?? 0, lastAffected ?? 0]));
}

function readRanges(value: RangesValue): AffectedRange[] {
  if (!value) return [];
  if (typeof value === 'string') return [{ introduced: '0', fixed: value }];
  return value.map(([introduced, fixed, lastAffected]) => ({
    introduced: introduced as string,
    ...(fixed ? { fixed } : undefined),
    ...(lastAffected ? { lastAffected } : undefined),
  }));
}

/** Keys in one order, so that what is equal has the same text. */
function qualifiersValue(qualifiers: Statement['qualifiers']): object | 0 {
  if (!qualifiers) return 0;
  const { arches, module, repositoryCpes } = qualifiers;
  const value = { ...(arches && { arches }), ...(module && { module }), ...(repositoryCpes && { repositoryCpes }) };
  return Object.keys(value).length === 0 ? 0 : value;
}

/** The values up to the last that is not 0. */
export function withoutTail<Value>(values: readonly Value[]): readonly Value[] {
  return values.slice(0, values.findLastIndex((value) => value !== 0) + 1);
}
