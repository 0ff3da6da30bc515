import pc from 'picocolors';
import type { InventoryLedger, InventoryReport } from '../../model/inventory-report.ts';
import type { Package } from '../../model/package.ts';
import { displayWidth, printable, shorten } from '../../platform/terminal.ts';
import type { InventoryFormat } from '../inventory-format.ts';
import type { RenderContext } from '../report-format.ts';

/** For a person at a terminal: packages by kind, then what could not be read. */
export const tableFormat: InventoryFormat = {
  name: 'table',
  title: 'for people: grouped by kind',
  mediaType: 'text/plain; charset=utf-8',

  *render(report, context) {
    const paint = pc.createColors(context.color);
    const { packages } = report.inventory;
    const layerIndexes = new Map(report.inventory.layers.toReversed().map(({ digest, index }) => [digest, index]));
    yield `${paint.bold(printable(report.inventory.target.name))}${paint.dim(factsOf(report))}\n`;
    for (const [kind, members] of Map.groupBy(packages, kindOf)) {
      const rows = members.map((item) => cellsOf(item, layerIndexes));
      const widths = fitWidths([HEADER, ...rows], context);
      yield `\n${paint.bold(printable(kind))}  ${paint.dim(plural(members.length, 'package'))}\n`;
      yield `${paint.dim(lineOf(HEADER, widths))}\n`;
      for (const [index, cells] of rows.entries()) {
        const line = lineOf(cells, widths);
        yield `${members[index]!.removedBy === undefined ? line : paint.dim(line)}\n`;
      }
    }
    yield summaryText(report, paint);
    yield problemsText(report, paint);
  },
};

type Paint = ReturnType<typeof pc.createColors>;

const GAP = '  ';
const HEADER = ['NAME', 'VERSION', 'ARCH', 'SOURCE', 'LAYER'] as const;
/** A column that is shorter tells nothing. */
const MIN_WIDTH = 8;

/** `deb, debian:12`; language packages by their ecosystem alone. */
function kindOf({ type, namespace }: Package): string {
  return namespace === undefined || namespace === type ? type : `${type}, ${namespace}`;
}

function cellsOf(item: Package, layerIndexes: ReadonlyMap<string, number>): readonly string[] {
  const { name, version, arch = '', source, locations, removedBy } = item;
  const place = placeOf(locations[0]?.layer, layerIndexes);
  return [
    name,
    version === '' ? '(none)' : version,
    arch,
    sourceText(source, item),
    removedBy === undefined ? place : `${place}, removed in ${placeOf(removedBy, layerIndexes)}`,
  ].map(printable);
}

/** Nothing where the package is its own source. */
function sourceText(source: Package['source'], own: Package): string {
  if (!source || (source.name === own.name && source.version === own.version)) return '';
  return source.version === own.version ? source.name : `${source.name} ${source.version}`;
}

function placeOf(digest: string | undefined, layerIndexes: ReadonlyMap<string, number>): string {
  const index = digest === undefined ? undefined : layerIndexes.get(digest);
  return index === undefined ? '' : `#${index}`;
}

/** Natural widths; where the terminal is narrower, the widest columns give way. */
function fitWidths(rows: readonly (readonly string[])[], { columns }: RenderContext): readonly number[] {
  const widths = HEADER.map((_, column) =>
    rows.reduce((width, cells) => Math.max(width, displayWidth(cells[column] ?? '')), 0),
  );
  // A column of which only the title is left says nothing.
  for (const [column, title] of HEADER.entries()) {
    if (rows.slice(1).every((cells) => cells[column] === '') && widths[column] === title.length) widths[column] = 0;
  }
  if (columns === undefined) return widths;
  const excess = () => widths.reduce((sum, width) => sum + (width > 0 ? width + GAP.length : 0), 0) - columns;
  for (let over = excess(); over > 0; over = excess()) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= MIN_WIDTH) break;
    widths[widest] = Math.max(MIN_WIDTH, widths[widest]! - Math.max(1, Math.ceil(over / 2)));
  }
  return widths;
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const shown = cells.flatMap((text, column) => (widths[column] === 0 ? [] : [padded(text, widths[column]!)]));
  return `${GAP}${shown.join(GAP)}`.trimEnd();
}

function padded(text: string, width: number): string {
  const shown = shorten(text, width);
  return shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
}

function factsOf({ inventory: { target, namespace, layers } }: InventoryReport): string {
  const layerCount = target.kind === 'image' ? plural(layers.length, 'layer') : undefined;
  const facts = [target.kind, namespace ?? 'no release file', target.platform, layerCount];
  return `${GAP}${facts
    .filter((fact) => fact !== undefined)
    .map(printable)
    .join(', ')}`;
}

const CLASS_WORDS: Readonly<Record<Exclude<keyof InventoryLedger, 'components'>, string>> = {
  unknownNamespace: 'of an unknown release',
  noVersion: 'without a version',
  unreadableVersion: 'with an unreadable version',
  filtered: 'left out of matching',
};

/** `125 packages (62 deb, 63 npm), 1 without a version`. */
function summaryText({ inventory: { packages }, ledger }: InventoryReport, paint: Paint): string {
  const counts = [...Map.groupBy(packages, ({ type }) => type)].map(
    ([type, items]) => `${items.length} ${printable(type)}`,
  );
  const kinds = counts.length > 1 ? ` (${counts.join(', ')})` : '';
  const removed = packages.filter(({ removedBy }) => removedBy !== undefined).length;
  const facts = [
    ...(removed > 0 ? [`${removed} removed by a later layer`] : []),
    ...Object.entries(CLASS_WORDS).flatMap(([name, words]) => {
      const count = ledger[name as keyof typeof CLASS_WORDS];
      return count > 0 ? [paint.yellow(`${count} ${words}`)] : [];
    }),
  ];
  return `\n${[paint.bold(plural(packages.length, 'package')) + kinds, ...facts].join(', ')}\n`;
}

function problemsText({ inventory: { problems, layers } }: InventoryReport, paint: Paint): string {
  const lines = problems.map(({ code, message, path }) => {
    const place = path === undefined || message.includes(path) ? '' : `${printable(path)}: `;
    return `${GAP}${place}${printable(message)}  ${paint.dim(printable(code))}\n`;
  });
  const unverified = layers.filter(
    ({ verification, digest }) => verification === 'not_verified' && digest !== '',
  ).length;
  const note = `${plural(unverified, 'layer')} read without comparing the digest (--verify=full compares)`;
  return [
    lines.length > 0 ? `\n${paint.yellow(plural(problems.length, 'problem'))}\n${lines.join('')}` : '',
    unverified > 0 ? `\n${paint.dim(note)}\n` : '',
  ].join('');
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
