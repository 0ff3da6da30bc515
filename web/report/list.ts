import { SEVERITIES } from '../../src/model/severity.ts';
import type { Row } from './data.ts';
import { count, element } from './element.ts';
import type { SortKey } from './filters.ts';

/** Height of a row in pixels, as in page.css. */
const ROW_HEIGHT = 36;
/** Rows that are drawn above and below what is seen. */
const MARGIN_ROWS = 12;

/** A column: its heading, what it sorts by, and its cell. */
interface Column {
  readonly className: string;
  readonly title: string;
  readonly hint?: string;
  readonly sortBy?: SortKey;
  cell(row: Row): Node | string;
}

const COLUMNS: readonly Column[] = [
  { className: 'c-severity', title: 'Severity', sortBy: 'severity', cell: ({ severity }) => severityMark(severity) },
  { className: 'c-id', title: 'Vulnerability', sortBy: 'id', cell: ({ id }) => id },
  {
    ...{ className: 'c-package', title: 'Package', sortBy: 'name' },
    cell: ({ name, version }) =>
      element('span', { title: `${name} ${version}` }, element('b', {}, name), ` ${version}`),
  },
  { className: 'c-fix', title: 'Fix', sortBy: 'fix', cell: fixCell },
  {
    ...{ className: 'c-number', title: 'CVSS', hint: 'score of the flaw, 0 to 10', sortBy: 'score' },
    cell: ({ score }) => (score < 0 ? '' : score.toFixed(1)),
  },
  {
    ...{ className: 'c-number', title: 'EPSS', hint: 'likelihood of exploitation within 30 days', sortBy: 'epss' },
    cell: ({ epss }) => epssText(epss),
  },
  {
    ...{ className: 'c-kev', title: 'KEV', hint: 'on the list of exploited vulnerabilities' },
    cell: ({ isExploited }) => (isExploited ? element('span', { class: 'kev' }, 'exploited') : ''),
  },
  { className: 'c-title', title: 'Title', cell: ({ title }) => element('span', { title }, title) },
];

/** Percent; the small ones as what they are. */
export function epssText(epss: number): string {
  if (epss < 0) return '';
  return epss < 0.001 ? '<0.1 %' : `${(epss * 100).toFixed(1)} %`;
}

/** A severity as a coloured word. */
export function severityMark(severity: number): HTMLElement {
  const word = SEVERITIES[severity] ?? 'unknown';
  return element('span', { class: `severity ${word}` }, word);
}

function fixCell({ fix, hasFix }: Row): Node {
  return element('span', { class: hasFix ? 'has-fix' : 'no-fix', title: fix }, fix);
}

/** What the table tells its owner. */
interface ListEvents {
  open(row: Row): void;
  sort(sortBy: SortKey): void;
}

/** The table: draws only the rows that are seen, so its length costs nothing. */
export interface List {
  readonly element: HTMLElement;
  /** Shows other rows; the selected one stays selected while it is among them. */
  show(rows: readonly Row[], sortBy: SortKey, isReversed: boolean): void;
  /** Selects a row, and brings it into sight. */
  select(row: Row | undefined): void;
  focus(): void;
}

/** Makes the table. */
export function makeList(events: ListEvents): List {
  let rows: readonly Row[] = [];
  let selected: Row | undefined;
  const header = element('div', { class: 'row header', role: 'row' });
  const body = element('div', { class: 'rows', role: 'rowgroup' });
  const scroller = element('div', { class: 'list', role: 'grid', tabindex: 0, 'aria-label': 'Findings' }, header, body);

  const draw = (): void => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
    const last = Math.min(rows.length, first + Math.ceil(scroller.clientHeight / ROW_HEIGHT) + MARGIN_ROWS * 2);
    body.replaceChildren(...rows.slice(first, last).map((row, n) => drawRow(row, first + n, row === selected, choose)));
    if (selected) scroller.setAttribute('aria-activedescendant', rowId(selected));
    else scroller.removeAttribute('aria-activedescendant');
  };
  const choose = (row: Row): void => {
    select(row);
    events.open(row);
  };
  const select = (row: Row | undefined): void => {
    selected = row;
    const position = row ? rows.indexOf(row) : -1;
    if (position >= 0) reveal(scroller, position);
    draw();
  };

  scroller.addEventListener('scroll', draw, { passive: true });
  new ResizeObserver(draw).observe(scroller);
  scroller.addEventListener('keydown', (event) => {
    const position = selected ? rows.indexOf(selected) : -1;
    const page = Math.max(1, Math.floor(scroller.clientHeight / ROW_HEIGHT) - 2);
    const target = targetOf(event.key, position, page, rows.length);
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const row = rows[target];
    if (row) choose(row);
  });

  return {
    element: scroller,
    select,
    focus: () => scroller.focus({ preventScroll: true }),
    show(next, sortBy, isReversed) {
      rows = next;
      header.replaceChildren(...COLUMNS.map((column) => headingOf(column, sortBy, isReversed, events)));
      scroller.setAttribute('aria-rowcount', String(rows.length + 1));
      body.style.height = `${rows.length * ROW_HEIGHT}px`;
      scroller.scrollTop = 0;
      draw();
    },
  };
}

function drawRow(row: Row, position: number, isSelected: boolean, choose: (row: Row) => void): HTMLElement {
  const cells = COLUMNS.map(({ className, cell }) => element('div', { class: className, role: 'gridcell' }, cell(row)));
  const node = element(
    'div',
    {
      ...{ class: `row${isSelected ? ' selected' : ''}${row.isOpen ? '' : ' closed'}`, role: 'row', id: rowId(row) },
      ...{ 'aria-rowindex': position + 2, 'aria-selected': String(isSelected), click: () => choose(row) },
    },
    ...cells,
  );
  node.style.transform = `translateY(${position * ROW_HEIGHT}px)`;
  return node;
}

const rowId = ({ index }: Row): string => `row-${index}`;

function headingOf(
  { className, title, hint, sortBy }: Column,
  current: SortKey,
  isReversed: boolean,
  events: ListEvents,
) {
  const order = sortBy === current ? (isReversed ? 'ascending' : 'descending') : undefined;
  const content = sortBy
    ? element(
        'button',
        { type: 'button', title: hint ?? `sort by ${title.toLowerCase()}`, click: () => events.sort(sortBy) },
        title,
      )
    : element('span', { title: hint }, title);
  return element('div', { class: className, role: 'columnheader', 'aria-sort': order }, content);
}

/** Scrolls no further than needed; the heading covers the first row's height. */
function reveal(scroller: HTMLElement, position: number): void {
  const top = position * ROW_HEIGHT;
  const room = scroller.clientHeight - ROW_HEIGHT * 2;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (top > scroller.scrollTop + room) scroller.scrollTop = top - room;
}

/** Where a key leads from a position; undefined where it leads nowhere. */
function targetOf(key: string, position: number, page: number, length: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: position + 1,
    ArrowUp: position - 1,
    PageDown: position + page,
    PageUp: position - page,
    Home: 0,
    End: length - 1,
    Enter: position,
  };
  const target = targets[key];
  return target === undefined || length === 0 ? undefined : Math.min(length - 1, Math.max(0, target));
}

/** All rows as a plain table, for paper. */
export function printTable(rows: readonly Row[]): HTMLElement {
  const head = element('tr', {}, ...COLUMNS.map(({ title }) => element('th', {}, title)));
  const lines = rows.map((row) =>
    element('tr', {}, ...COLUMNS.map(({ className, cell }) => element('td', { class: className }, cell(row)))),
  );
  return element(
    'div',
    { class: 'paper' },
    element('p', {}, `${count(rows.length)} findings`),
    element('table', {}, element('thead', {}, head), element('tbody', {}, ...lines)),
  );
}
