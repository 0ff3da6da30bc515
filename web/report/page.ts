import { SEVERITIES } from '../../src/model/severity.ts';
import type { PageHead } from '../../src/reports/page-data.ts';
import { chartsOf } from './charts.ts';
import { type Report, type Row, readReport } from './data.ts';
import { detailsOf } from './details.ts';
import { count, element } from './element.ts';
import { FIRST_VIEW, rowsOf, type SortKey, type View } from './filters.ts';
import { makeList, printTable } from './list.ts';

const report = readReport();
const hasOpen = report.rows.some(({ isOpen }) => isOpen);
let view: View = hasOpen ? FIRST_VIEW : { ...FIRST_VIEW, status: 'all' };
let rows: readonly Row[] = [];

const list = makeList({ open: openDetails, sort: sortBy });
const aside = element('div', { class: 'aside' });
const tiles = element('div', { class: 'tiles', role: 'group', 'aria-label': 'Severity' });
const charts = element('div', { class: 'charts' });
const chips = element('div', { class: 'chips' });
const found = element('output', { class: 'found' });
const search = element('input', {
  ...{ type: 'search', placeholder: 'Search: CVE, package, path, text …   ( / )', 'aria-label': 'Search' },
  input: () => change({ search: search.value }),
});

document.body.append(
  headerOf(report.head),
  tiles,
  chartBox(),
  ...(report.rows.length > 0 ? tableOf() : []),
  ...notesOf(report.head),
);
listenToKeys();
listenToPrinter();
change({});

/** The table with what is above and beside it. */
function tableOf(): HTMLElement[] {
  const tools = element('div', { class: 'tools' }, search, toolsOf(report), chips, found);
  return [tools, element('main', {}, list.element, aside)];
}

/** Shows another view. */
function change(changes: Partial<View>): void {
  view = { ...view, ...changes };
  rows = rowsOf(report.rows, view);
  list.show(rows, view.sortBy, view.isReversed);
  found.textContent = `${foundText()}${view.sortBy === 'risk' ? ', the most urgent first' : ''}`;
  tiles.replaceChildren(...tilesOf());
  chips.replaceChildren(...chipsOf());
  const shown = { chosenPackage: view.packageName, chosenLayer: view.layer };
  charts.replaceChildren(
    ...chartsOf(rows, report.head.layers, {
      ...shown,
      choosePackage: (packageName) => change({ packageName }),
      chooseLayer: (layer) => change({ layer: layer === view.layer ? undefined : layer }),
    }),
  );
}

function foundText(): string {
  const [shown, all] = [count(rows.length), count(report.rows.length)];
  return shown === all ? `${all} findings` : `${shown} of ${all} findings`;
}

function sortBy(key: SortKey): void {
  if (key !== view.sortBy) change({ sortBy: key, isReversed: false });
  else if (view.isReversed) change({ sortBy: 'risk', isReversed: false });
  else change({ isReversed: true });
}

function openDetails(row: Row): void {
  aside.replaceChildren(detailsOf({ row, ...report.detailsOf(row) }, report.head, closeDetails));
  document.body.classList.add('with-details');
}

function closeDetails(): void {
  aside.replaceChildren();
  document.body.classList.remove('with-details');
  list.focus();
}

function headerOf({ target, namespace, created, tool, snapshot, ledger }: PageHead): HTMLElement {
  const facts = [
    ...[target.kind, namespace, target.platform, target.digest?.slice(0, 19)],
    `${count(ledger.components)} packages`,
    `${created.slice(0, 16).replace('T', ' ')} UTC`,
    `${tool}, database ${snapshot.id.slice(0, 12)}`,
  ];
  const line = facts.filter((fact) => fact !== undefined).map((fact) => element('span', {}, fact));
  const theme = element(
    'button',
    { type: 'button', class: 'theme', title: 'light or dark', 'aria-label': 'light or dark', click: turnTheme },
    '◐',
  );
  return element('header', {}, element('div', {}, element('h1', {}, target.name), element('p', {}, ...line)), theme);
}

function turnTheme(): void {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
}

/** A tile for each severity, and for what is urgent whatever its severity. */
function tilesOf(): HTMLElement[] {
  const counted = rowsOf(report.rows, { ...view, severities: new Set(), onlyFixable: false, onlyExploited: false });
  const severities = SEVERITIES.map((word, severity) => ({
    ...{ word, severity, value: counted.filter((row) => row.severity === severity).length },
  })).toReversed();
  return [
    ...severities
      .filter(({ value, severity }) => value > 0 || severity > 1)
      .map(({ word, severity, value }) =>
        tile(word, value, view.severities.has(severity), () =>
          change({ severities: toggled(view.severities, severity) }),
        ),
      ),
    tile('with a fix', counted.filter(({ hasFix }) => hasFix).length, view.onlyFixable, () =>
      change({ onlyFixable: !view.onlyFixable }),
    ),
    tile('exploited', counted.filter(({ isExploited }) => isExploited).length, view.onlyExploited, () =>
      change({ onlyExploited: !view.onlyExploited }),
    ),
  ];
}

function tile(word: string, value: number, isOn: boolean, click: () => void): HTMLElement {
  const className = `tile ${word.replaceAll(' ', '-')}`;
  return element(
    'button',
    { type: 'button', class: className, 'aria-pressed': String(isOn), click },
    element('b', {}, count(value)),
    element('span', {}, word),
  );
}

function toggled(set: ReadonlySet<number>, value: number): ReadonlySet<number> {
  return set.has(value) ? new Set([...set].filter((one) => one !== value)) : new Set([...set, value]);
}

function chartBox(): HTMLElement {
  if (report.rows.length === 0) return element('p', { class: 'nothing' }, nothingText(report.head));
  return element('details', { class: 'chart-box', open: innerHeight > 700 }, element('summary', {}, 'Charts'), charts);
}

function nothingText({ ledger }: PageHead): string {
  return ledger.matched + ledger.clean > 0
    ? 'No known vulnerabilities in what could be assessed.'
    : 'Nothing could be assessed.';
}

/** Open or closed findings, where there are both. */
function toolsOf({ rows: all }: Report): HTMLElement | undefined {
  if (all.every(({ isOpen }) => isOpen) || !hasOpen) return undefined;
  const select = element(
    'select',
    { 'aria-label': 'Status', change: () => change({ status: select.value as View['status'] }) },
    element('option', { value: 'open' }, 'open'),
    element('option', { value: 'closed' }, 'cleared or ignored'),
    element('option', { value: 'all' }, 'all'),
  );
  return select;
}

/** What the view leaves out, each to be taken back. */
function chipsOf(): HTMLElement[] {
  const chip = (text: string, back: Partial<View>) =>
    element('button', { type: 'button', class: 'chip', title: 'take back', click: () => change(back) }, `${text} ×`);
  const layer = view.layer === undefined ? [] : [chip(`layer ${view.layer}`, { layer: undefined })];
  const name = view.packageName === '' ? [] : [chip(view.packageName, { packageName: '' })];
  const isChanged =
    view.severities.size > 0 ||
    view.onlyFixable ||
    view.onlyExploited ||
    view.search !== '' ||
    layer.length + name.length > 0;
  if (!isChanged) return [];
  const { status } = view;
  const clear = element(
    'button',
    {
      type: 'button',
      class: 'chip',
      click: () => {
        search.value = '';
        change({ ...FIRST_VIEW, status });
      },
    },
    'show all',
  );
  return [...name, ...layer, clear];
}

/** What was not assessed, could not be read, and where the knowledge comes from. */
function notesOf({ notAssessed, problems, snapshot, ledger, layers }: PageHead): HTMLElement[] {
  const unverified = layers.filter(
    ({ verification, digest }) => verification === 'not_verified' && digest !== '',
  ).length;
  const byReason = Map.groupBy(notAssessed, ({ reason }) => reason);
  return [
    note(`Not assessed: ${count(notAssessed.length)} of ${count(ledger.components)} packages`, notAssessed.length, [
      ...[...byReason].map(([reason, of]) =>
        element('li', {}, element('b', {}, `${reason} (${count(of.length)}): `), of.map(({ name }) => name).join(', ')),
      ),
    ]),
    note(
      `Problems: ${count(problems.length)}`,
      problems.length,
      problems.map(({ code, message }) => element('li', {}, message, element('small', {}, ` ${code}`))),
    ),
    note(`Layers read without comparing the digest: ${count(unverified)}`, unverified, []),
    note('Advisory database', snapshot.sources.length, [
      element('li', {}, `snapshot ${snapshot.id}`),
      ...snapshot.sources.map(({ name, updatedAt, recordCount }) =>
        element(
          'li',
          {},
          element('b', {}, name),
          ` read ${updatedAt.slice(0, 16).replace('T', ' ')}, ${count(recordCount)} records`,
        ),
      ),
    ]),
  ].filter((one) => one !== undefined);
}

function note(title: string, size: number, items: readonly HTMLElement[]): HTMLElement | undefined {
  if (size === 0) return undefined;
  return element('details', { class: 'note' }, element('summary', {}, title), element('ul', {}, ...items));
}

function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closeDetails();
    if (event.key !== '/' || event.target === search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') list.focus();
  });
}

/** Paper has no scroll bar: it gets all rows of the view, and only while it is printed. */
function listenToPrinter(): void {
  let paper: HTMLElement | undefined;
  addEventListener('beforeprint', () => {
    paper = printTable(rows);
    document.body.append(paper);
    for (const box of document.querySelectorAll('details')) box.open = true;
  });
  addEventListener('afterprint', () => paper?.remove());
}
