import { hash } from 'node:crypto';
import type { FeedPart, FeedRecord } from '../feeds/record.ts';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';
import { advisoryLine, statementText } from './advisory-line.ts';
import { canonicalText } from './cpe-tree.ts';
import { type Draft, dropLowerFixes } from './highest-fix.ts';
import { BACKPORTS_ID, breakFixLine, factsLine, kernelBucket } from './kernel-line.ts';
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
  /** Lines for the pages of packages; a target is namespace and package name, parted by a line feed. */
  readonly advisories: readonly (readonly [target: string, line: string])[];
  /** For each vulnerability that the lines name: their places in `advisories`, rising. */
  readonly links: readonly (readonly [id: string, places: readonly number[]])[];
  readonly records: readonly (readonly [id: string, kind: RecordKind, body: string])[];
  readonly texts: readonly (readonly [bucket: string, line: string])[];
  /** Lines for the pages of kernel flaws. */
  readonly kernel: readonly (readonly [bucket: string, line: string])[];
  readonly configurations: readonly (readonly [id: string, configurations: readonly CpeConfiguration[]])[];
  readonly aliases: readonly (readonly [id: string, others: readonly string[]])[];
}

type Kind<Name extends FeedRecord['kind']> = Extract<FeedRecord, { kind: Name }>;

/** Makes rows of a part. Equal parts give equal rows and hashes, in whatever order their records come. */
export function compactPart(source: string, document: string, { part, revision, records }: FeedPart): CompactPart {
  const byKind = Map.groupBy(records, ({ kind }) => kind);
  const all = <Name extends FeedRecord['kind']>(kind: Name) => (byKind.get(kind) ?? []) as Kind<Name>[];
  const vulnerabilities = mergeById(all('vulnerability'));
  const rows: PartRows = {
    ...advisoryRows(part, all('advisory')),
    records: [
      ...vulnerabilities.map((record) => [record.id, RECORD_KIND.vulnerability, factsText(record, source)] as const),
      ...rowsById(all('epss'), RECORD_KIND.epss, epssText),
      ...rowsById(all('kev'), RECORD_KIND.kev, kevText),
      ...all('backports').map(
        ({ backports }) => [BACKPORTS_ID, RECORD_KIND.backports, JSON.stringify(backports)] as const,
      ),
    ],
    texts: vulnerabilities.flatMap((record) => {
      const line = textLine(part, record.id, record);
      return line === undefined ? [] : [[textBucket(record.id, record.aliases), line] as const];
    }),
    kernel: [
      ...all('kernel').map(
        ({ vulnerabilityId: id, ...facts }) => [kernelBucket(id), factsLine(part, id, facts)] as const,
      ),
      ...all('break-fix').map(
        ({ vulnerabilityId: id, lines }) => [kernelBucket(id), breakFixLine(part, id, lines)] as const,
      ),
    ],
    configurations: configurationRows(all('cpe')),
    aliases: vulnerabilities.flatMap(({ id, aliases }) => (aliases?.length ? [[id, aliases] as const] : [])),
  };
  return { part, document, revision, hash: hashOfRows(rows), recordCount: records.length, rows };
}

/** Hash of a part's rows. */
export function hashOfRows({ advisories, records, texts, kernel, configurations }: PartRows): string {
  return hashOfTexts([
    ...advisories.map(([target, line]) => `advisory\t${target}\t${line}`),
    ...records.map(([id, kind, body]) => `${kind}\t${id}\t${body}`),
    ...texts.map(([, line]) => `text\t${line}`),
    ...kernel.map(([, line]) => `kernel\t${line}`),
    ...configurations.map(([id, each]) => `cpe\t${id}\t${canonicalText(each)}`),
  ]);
}

function hashOfTexts(texts: string[]): string {
  return hash('sha256', texts.sort().join('\n'), 'hex').slice(0, 32);
}

/** Lines, each with all vulnerabilities of which the same is said, sorted. */
function advisoryRows(part: string, stated: readonly Kind<'advisory'>[]): Pick<PartRows, 'advisories' | 'links'> {
  const advisories: [string, string][] = [];
  const placesById = new Map<string, number[]>();
  for (const [target, drafts] of draftsByTarget(stated)) {
    if (drafts.length > 1) dropLowerFixes(drafts);
    for (const { advisory, ids, text } of mergeEqual(drafts)) {
      const sorted = ids.length < 2 ? ids : [...new Set(ids)].sort();
      for (const id of sorted) {
        const places = placesById.get(id);
        if (places) places.push(advisories.length);
        else placesById.set(id, [advisories.length]);
      }
      advisories.push([target, advisoryLine(part, advisory.advisoryId, sorted, text)]);
    }
  }
  return { advisories, links: [...placesById] };
}

/** Gathers the vulnerabilities of which a feed says the very same, as it does for all that an erratum names. */
function draftsByTarget(stated: readonly Kind<'advisory'>[]): Map<string, Draft[]> {
  const byTarget = new Map<string, Draft[]>();
  for (const advisory of stated) {
    const key = `${advisory.namespace}\n${advisory.packageName}`;
    const drafts = byTarget.get(key);
    const same = drafts?.find((draft) => saysTheSame(draft.advisory, advisory));
    if (same) same.ids.push(advisory.vulnerabilityId);
    else if (drafts) drafts.push({ advisory, ids: [advisory.vulnerabilityId] });
    else byTarget.set(key, [{ advisory, ids: [advisory.vulnerabilityId] }]);
  }
  return byTarget;
}

/** Compares the parts of two statements by identity: quick, and what it overlooks is found by text later. */
const saysTheSame = (a: Draft['advisory'], b: Draft['advisory']): boolean =>
  a.affected === b.affected &&
  a.advisoryId === b.advisoryId &&
  a.status === b.status &&
  a.fixState === b.fixState &&
  a.severity === b.severity &&
  a.packageKind === b.packageKind &&
  a.versions === b.versions &&
  a.qualifiers === b.qualifiers &&
  a.note === b.note &&
  a.link === b.link;

/** Drafts of one package with the same text as one; those that speak of nothing any more go. */
function mergeEqual(drafts: readonly Draft[]): readonly (Draft & { readonly text: string })[] {
  const byText = new Map<string, Draft & { readonly text: string }>();
  for (const { advisory, ids } of drafts) {
    if (ids.length === 0) continue;
    const text = statementText(advisory);
    const key = drafts.length === 1 ? '' : `${advisory.advisoryId}\n${text}`;
    const held = byText.get(key);
    if (held) held.ids.push(...ids);
    else byText.set(key, { advisory, ids: [...ids], text });
  }
  return [...byText.values()];
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

/** Several records on one id are one. */
function configurationRows(stated: readonly Kind<'cpe'>[]): PartRows['configurations'] {
  const byId = new Map<string, readonly CpeConfiguration[]>();
  for (const { vulnerabilityId, configurations } of stated) {
    if (configurations.length === 0) continue;
    byId.set(vulnerabilityId, [...(byId.get(vulnerabilityId) ?? []), ...configurations]);
  }
  return [...byId];
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
