import { SEVERITIES } from '../../src/model/severity.ts';
import type { Row } from './data.ts';
import { count, element } from './element.ts';
import { groupName } from './filters.ts';

/** How many bars a chart has at most. */
const MAX_BARS = 8;

/** A bar: what it stands for, and its parts with their colours. */
interface Bar {
  readonly label: string;
  readonly parts: readonly { readonly className: string; readonly value: number }[];
  readonly isActive: boolean;
  choose(): void;
}

/** What a click on a bar asks for. */
export interface ChartEvents {
  readonly chosenPackage: string;
  readonly chosenLayer: number | undefined;
  choosePackage(name: string): void;
  chooseLayer(layer: number): void;
}

/** The charts of the findings that are shown: where they are. */
export function chartsOf(
  rows: readonly Row[],
  layers: readonly { readonly createdBy?: string }[],
  events: ChartEvents,
): HTMLElement[] {
  const byPackage = Map.groupBy(rows, groupName);
  const packages = [...byPackage].map(([label, of]) => ({
    ...{ label, parts: severityParts(of), isActive: label === events.chosenPackage },
    choose: () => events.choosePackage(label === events.chosenPackage ? '' : label),
  }));
  const byLayer = Map.groupBy(
    rows.filter(({ layer }) => layer >= 0),
    ({ layer }) => layer,
  );
  const ofLayers = [...byLayer]
    .sort(([a], [b]) => a - b)
    .map(([layer, of]) => ({
      ...{ label: `${layer}  ${shortCommand(layers[layer]?.createdBy)}`, parts: severityParts(of) },
      ...{ isActive: layer === events.chosenLayer, choose: () => events.chooseLayer(layer) },
    }));
  return [
    chart('Most findings, by package', mostFirst(packages)),
    ...(ofLayers.length > 1 ? [chart('By layer of the image', mostFirst(ofLayers))] : []),
    epssChart(rows),
  ];
}

/** How many findings there are of each severity, the worst first. */
function severityParts(rows: readonly Row[]): Bar['parts'] {
  return SEVERITIES.map((word, severity) => ({
    ...{ className: word, value: rows.filter((row) => row.severity === severity).length },
  })).toReversed();
}

const total = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);

function mostFirst(bars: readonly Bar[]): readonly Bar[] {
  return bars.toSorted((a, b) => total(b) - total(a)).slice(0, MAX_BARS);
}

/** A history's command without the shell around it. */
function shortCommand(createdBy = ''): string {
  return createdBy
    .replace(/^\/bin\/sh -c (#\(nop\)\s*)?/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function chart(title: string, bars: readonly Bar[]): HTMLElement {
  const most = Math.max(1, ...bars.map(total));
  return element('figure', {}, element('figcaption', {}, title), ...bars.map((bar) => barOf(bar, most)));
}

function barOf(bar: Bar, most: number): HTMLElement {
  const track = element('span', { class: 'track' });
  for (const { className, value } of bar.parts) {
    if (value === 0) continue;
    const part = element('span', { class: `part ${className}`, title: `${count(value)} ${className}` });
    part.style.width = `${(value / most) * 100}%`;
    track.append(part);
  }
  return element(
    'button',
    { type: 'button', class: 'bar', 'aria-pressed': String(bar.isActive), click: () => bar.choose() },
    element('span', { class: 'label', title: bar.label }, bar.label),
    track,
    element('span', { class: 'value' }, count(total(bar))),
  );
}

const BANDS = [
  ['50 % and more', 0.5],
  ['10 to 50 %', 0.1],
  ['1 to 10 %', 0.01],
  ['below 1 %', 0],
  ['no forecast', -1],
] as const;

/** Likelihood of exploitation, in bands. */
function epssChart(rows: readonly Row[]): HTMLElement {
  let rest = rows;
  const bars = BANDS.map(([label, from]) => {
    const parts = severityParts(rest.filter(({ epss }) => epss >= from));
    rest = rest.filter(({ epss }) => epss < from);
    return { label, parts };
  });
  const most = Math.max(1, ...bars.map((bar) => total({ ...bar, isActive: false, choose: () => {} })));
  const lines = bars.map((bar) => {
    const node = barOf({ ...bar, isActive: false, choose: () => {} }, most);
    const line = element('div', { class: 'bar' });
    line.append(...node.childNodes);
    return line;
  });
  return element('figure', {}, element('figcaption', {}, 'By likelihood of exploitation (EPSS)'), ...lines);
}
