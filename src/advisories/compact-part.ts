import { createHash } from 'node:crypto';
import type { FeedPart, FeedRecord } from '../feeds/record.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';
import { advisoryLine, type Statement, statementText } from './advisory-line.ts';
import { type CpeTree, type Criterion, canonicalTree, treeOf } from './cpe-tree.ts';
import { keepHighestFix } from './highest-fix.ts';
import { RECORD_KIND, type RecordKind } from './schema.ts';
import { epssText, factsText, kevText, textBucket, textLine } from './vulnerability-line.ts';

/** A part of a feed as the rows that the database will hold, made where the feed is read. Plain data: it crosses files and threads. */
export interface CompactPart {
  readonly part: string;
  readonly document: string;
  readonly revision: string;
  /** Of its rows, 32 hex digits; row numbers and revisions are outside it. */
  readonly hash: string;
  readonly recordCount: number;
  readonly rows: PartRows;
}

/** What a part's hash is made of. */
export interface PartRows {
  /** Lines for the pages of these packages. */
  readonly advisories: readonly (readonly [namespace: string, packageName: string, line: string])[];
  /** For each vulnerability that the lines name: their places in `advisories`, rising. */
  readonly links: readonly (readonly [id: string, places: readonly number[]])[];
  readonly records: readonly (readonly [id: string, kind: RecordKind, body: string])[];
  readonly texts: readonly (readonly [bucket: string, line: string])[];
  readonly criteria: readonly Criterion[];
  readonly configurations: readonly (readonly [id: string, tree: CpeTree])[];
  readonly aliases: readonly (readonly [id: string, others: readonly string[]])[];
}

type Kind<Name extends FeedRecord['kind']> = Extract<FeedRecord, { kind: Name }>;

/** Makes rows of a part. Equal parts give equal rows and hashes, in whatever order their records come. */
export function compactPart(source: string, document: string, { part, revision, records }: FeedPart): CompactPart {
  const byKind = Map.groupBy(records, ({ kind }) => kind);
  const all = <Name extends FeedRecord['kind']>(kind: Name) => (byKind.get(kind) ?? []) as Kind<Name>[];
  const vulnerabilities = mergeById(all('vulnerability'));
  const owner = `${source} ${part}`;
  const rows: PartRows = {
    ...advisoryRows(part, all('advisory')),
    records: [
      ...vulnerabilities.map((record) => [record.id, RECORD_KIND.vulnerability, factsText(record, source)] as const),
      ...rowsById(all('epss'), RECORD_KIND.epss, epssText),
      ...rowsById(all('kev'), RECORD_KIND.kev, kevText),
      ...rowsById(all('break-fix'), RECORD_KIND.breakFix, ({ packageName, lines }) =>
        JSON.stringify([packageName, ...lines]),
      ),
    ],
    texts: vulnerabilities.flatMap((record) => {
      const line = textLine(owner, record.id, record);
      return line === undefined ? [] : [[textBucket(record.id), line] as const];
    }),
    ...configurationRows(all('cpe')),
    aliases: vulnerabilities.flatMap(({ id, aliases }) => (aliases?.length ? [[id, aliases] as const] : [])),
  };
  return { part, document, revision, hash: hashOfRows(rows), recordCount: records.length, rows };
}

/** Hash of a part's rows. */
export function hashOfRows({ advisories, records, texts, criteria, configurations }: PartRows): string {
  const criterionAt = (number: number) => criteria[number]!;
  return hashOfTexts([
    ...advisories.map(([namespace, packageName, line]) => `advisory\t${namespace}\t${packageName}\t${line}`),
    ...records.map(([id, kind, body]) => `${kind}\t${id}\t${body}`),
    ...texts.map(([, line]) => `text\t${line}`),
    ...configurations.map(([id, tree]) => `cpe\t${id}\t${canonicalTree(tree, criterionAt)}`),
  ]);
}

function hashOfTexts(texts: string[]): string {
  return createHash('sha256').update(texts.sort().join('\n')).digest('hex').slice(0, 32);
}

/** Lines, each with all vulnerabilities of which the same is said, sorted. */
function advisoryRows(part: string, stated: readonly Kind<'advisory'>[]): Pick<PartRows, 'advisories' | 'links'> {
  const idsByLine = new Map<string, { readonly advisory: Kind<'advisory'>; readonly text: string; ids: string[] }>();
  for (const advisory of keepHighestFix(stated)) {
    const text = statementText(advisory satisfies Statement);
    const key = `${advisory.namespace}\n${advisory.packageName}\n${advisory.advisoryId}\n${text}`;
    const line = idsByLine.get(key);
    if (line) line.ids.push(advisory.vulnerabilityId);
    else idsByLine.set(key, { advisory, text, ids: [advisory.vulnerabilityId] });
  }
  const placesById = new Map<string, number[]>();
  const advisories = [...idsByLine.values()].map(({ advisory, text, ids }, place) => {
    const sorted = ids.length === 1 ? ids : [...new Set(ids)].sort();
    for (const id of sorted) {
      const places = placesById.get(id);
      if (places) places.push(place);
      else placesById.set(id, [place]);
    }
    const line = advisoryLine(part, advisory.advisoryId, sorted, text);
    return [advisory.namespace, advisory.packageName, line] as const;
  });
  return { advisories, links: [...placesById] };
}

/** One row for each id; several records of one kind on one id become the lines of one body. */
function rowsById<Item extends { readonly vulnerabilityId: string }>(
  items: readonly Item[],
  kind: RecordKind,
  textOf: (item: Item) => string,
): PartRows['records'] {
  const bodies = new Map<string, string>();
  for (const item of items) {
    const held = bodies.get(item.vulnerabilityId);
    const body = textOf(item);
    bodies.set(item.vulnerabilityId, held === undefined ? body : [...held.split('\n'), body].sort().join('\n'));
  }
  return [...bodies].map(([id, body]) => [id, kind, body] as const);
}

/** Criteria numbered as they first appear; several records on one id are one. */
function configurationRows(stated: readonly Kind<'cpe'>[]): Pick<PartRows, 'criteria' | 'configurations'> {
  const numbers = new Map<string, number>();
  const criteria: Criterion[] = [];
  const numberOf = (criterion: Criterion): number => {
    const key = `${criterion.vendor}:${criterion.product}\n${criterion.line}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, criteria.length);
    return criteria.push(criterion) - 1;
  };
  const trees = new Map<string, CpeTree>();
  for (const { vulnerabilityId, configurations } of stated) {
    const tree = treeOf(configurations, numberOf);
    if (tree.length > 0) trees.set(vulnerabilityId, [...(trees.get(vulnerabilityId) ?? []), ...tree]);
  }
  return { criteria, configurations: [...trees] };
}

/** Records on the same id as one: of single values the first counts, lists are joined. */
function mergeById(records: readonly Kind<'vulnerability'>[]): readonly Kind<'vulnerability'>[] {
  const byId = new Map<string, Kind<'vulnerability'>>();
  for (const record of records) {
    const held = byId.get(record.id);
    byId.set(record.id, held ? { ...record, ...held, ...joinedLists(held, record) } : record);
  }
  return [...byId.values()];
}

type Lists = Partial<Pick<VulnerabilityRecord, 'cvss' | 'cwes' | 'references' | 'aliases'>>;

function joinedLists(a: Lists, b: Lists): Lists {
  const join = <Item>(x: readonly Item[] = [], y: readonly Item[] = []): Item[] => {
    const known = new Set(x.map((item) => JSON.stringify(item)));
    return [...x, ...y.filter((item) => !known.has(JSON.stringify(item)))];
  };
  return {
    cvss: join(a.cvss, b.cvss),
    cwes: join(a.cwes, b.cwes),
    references: join(a.references, b.references),
    aliases: join(a.aliases, b.aliases),
  };
}
