import type { Row } from './data.ts';

/** What of the table is shown, and in which order. */
export interface View {
  readonly search: string;
  /** Numbers of severities; empty means all. */
  readonly severities: ReadonlySet<number>;
  readonly status: 'open' | 'closed' | 'all';
  readonly onlyFixable: boolean;
  readonly onlyExploited: boolean;
  /** A name of a package, of its source package or of a place; `` means all. */
  readonly packageName: string;
  readonly layer: number | undefined;
  readonly sortBy: SortKey;
  readonly isReversed: boolean;
}

export type SortKey = 'risk' | 'severity' | 'id' | 'name' | 'score' | 'epss' | 'fix';

/** Everything that somebody should look at, the most urgent first. */
export const FIRST_VIEW: View = {
  ...{ search: '', severities: new Set(), status: 'open', onlyFixable: false, onlyExploited: false },
  ...{ packageName: '', layer: undefined, sortBy: 'risk', isReversed: false },
};

/** The rows of a view, in its order. */
export function rowsOf(rows: readonly Row[], view: View): readonly Row[] {
  const words = view.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const shown = rows.filter((row) => isShown(row, view) && words.every((word) => row.text.includes(word)));
  const compare = COMPARE[view.sortBy];
  if (view.sortBy !== 'risk') shown.sort((a, b) => compare(a, b) || a.index - b.index);
  return view.isReversed ? shown.reverse() : shown;
}

function isShown(row: Row, view: View): boolean {
  if (view.status !== 'all' && row.isOpen !== (view.status === 'open')) return false;
  if (view.severities.size > 0 && !view.severities.has(row.severity)) return false;
  if (view.onlyFixable && !row.hasFix) return false;
  if (view.onlyExploited && !row.isExploited) return false;
  if (view.packageName !== '' && groupName(row) !== view.packageName) return false;
  return view.layer === undefined || row.layer === view.layer;
}

/** What is upgraded together: the source package, else the package itself. */
export function groupName({ source, name }: Row): string {
  return source || name;
}

/** What is most of interest first. */
const COMPARE: Readonly<Record<SortKey, (a: Row, b: Row) => number>> = {
  risk: (a, b) => a.index - b.index,
  severity: (a, b) => b.severity - a.severity,
  id: (a, b) => byText(a.id, b.id),
  name: (a, b) => byText(a.name, b.name) || byText(a.version, b.version),
  score: (a, b) => b.score - a.score,
  epss: (a, b) => b.epss - a.epss,
  fix: (a, b) => Number(b.hasFix) - Number(a.hasFix) || byText(a.fix, b.fix),
};

const collator = new Intl.Collator('en', { numeric: true });

function byText(a: string, b: string): number {
  return collator.compare(a, b);
}
