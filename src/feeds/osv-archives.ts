import { ScannerError } from '../model/errors.ts';
import { planOf } from './osv-ecosystems.ts';
import type { FetchContext, Fetched, HttpDocument } from './updater.ts';

const BUCKET = 'https://osv-vulnerabilities.storage.googleapis.com';

/** So many records of an ecosystem are fetched, and then held, one by one; for more its archive is read anew. */
const MAX_SINGLE_RECORDS = 100;

const MAX_ARCHIVE_BYTES = 8 * 1024 ** 3;
const MAX_INDEX_BYTES = 512 << 20;
const MAX_RECORD_BYTES = 64 << 20;

const INDEX = 'modified_id.csv';
const ARCHIVE = 'all.zip';

/** Whether a document is an ecosystem's index: what says "nothing new", and which ids exist; it holds no records. */
export function isIndex(document: string): boolean {
  return document.endsWith(`/${INDEX}`);
}

/** Whether a document is an ecosystem's archive; else it is a single record. */
export function isArchive(document: string): boolean {
  return document.endsWith(`/${ARCHIVE}`);
}

/**
 * Reads each ecosystem by its index `modified_id.csv`: nothing where it is unchanged, the few changed records one by one, else the
 * whole archive. The indexes also say which ids still exist.
 * @throws ScannerError what `http` throws; an ecosystem that a mirror lacks is a problem.
 */
export async function* fetchOsv(context: FetchContext): AsyncGenerator<Fetched> {
  const existing = new Set<string>();
  const held = holdings(context.previous);
  for (const ecosystem of await ecosystems(context)) {
    try {
      yield* new Ecosystem(ecosystem, context, held.get(ecosystem) ?? new Map()).fetch(existing);
    } catch (error) {
      if (!(error instanceof ScannerError) || error.code !== 'feed.not-in-mirror') throw error;
      context.problem({ code: error.code, message: error.message, path: ecosystem });
      for (const part of held.get(ecosystem)?.keys() ?? []) existing.add(part);
      for (const name of context.previous.documents()) {
        if (name.startsWith(`${ecosystem}/`)) yield { kind: 'kept', name };
      }
    }
  }
  yield { kind: 'parts', parts: existing };
}

/** The ecosystems to read; `Debian:12` and its like are inside `Debian`. */
async function ecosystems({ http, problem }: FetchContext): Promise<readonly string[]> {
  const url = `${BUCKET}/ecosystems.txt`;
  const answer = await http.get(url, { maxBytes: 1 << 20 });
  const names = ((await answer?.body.text()) ?? '').split(/\r?\n/).filter((name) => name !== '' && !name.includes(':'));
  if (names.length === 0) throw new ScannerError('feed.malformed', `${url} names no ecosystem`, { url });
  for (const name of names.filter((name) => planOf(name) === 'unknown')) {
    problem({ code: 'updater.unknown-ecosystem', message: `${name} is not read`, path: 'ecosystems.txt' });
  }
  return names.filter((name) => planOf(name) === 'read').sort();
}

type Holding = ReadonlyMap<string, { readonly revision: string; readonly document: string }>;

/** Parts held, by ecosystem. */
function holdings(previous: FetchContext['previous']): ReadonlyMap<string, Holding> {
  const byEcosystem = new Map<string, Map<string, { revision: string; document: string }>>();
  for (const { part, revision, document } of previous.parts()) {
    const ecosystem = part.slice(0, part.indexOf('/'));
    const parts = byEcosystem.get(ecosystem) ?? new Map();
    byEcosystem.set(ecosystem, parts.set(part, { revision, document }));
  }
  return byEcosystem;
}

/** One ecosystem's folder in the bucket. */
class Ecosystem {
  private readonly name: string;
  private readonly context: FetchContext;
  private readonly held: Holding;

  constructor(name: string, context: FetchContext, held: Holding) {
    this.name = name;
    this.context = context;
    this.held = held;
  }

  /** @param existing takes the parts that the index names. */
  async *fetch(existing: Set<string>): AsyncGenerator<Fetched> {
    const { http, previous } = this.context;
    const name = `${this.name}/${INDEX}`;
    const index = await http.get(this.url(INDEX), { ifRevision: previous.revisionOf(name), maxBytes: MAX_INDEX_BYTES });
    if (!index) {
      for (const part of this.held.keys()) existing.add(part);
      yield { kind: 'unchanged', name };
      yield* this.unchanged(`${this.name}/${ARCHIVE}`);
      return;
    }
    const modified = await readIndex(index, this.name);
    const changed = [...modified].filter(([part, date]) => this.isNew(part, date)).map(([part]) => part);
    const singles = await this.singles(changed);
    yield* singles ?? [await this.archive()];
    yield* this.unchanged(singles && `${this.name}/${ARCHIVE}`, changed);
    for (const part of modified.keys()) existing.add(part);
    // Last: an update that breaks off before here finds the index new again.
    yield { kind: 'document', document: { name, revision: index.revision, body: index.body } };
  }

  private isNew(part: string, modified: string): boolean {
    const revision = this.held.get(part)?.revision;
    return revision === undefined || secondsOf(revision) !== secondsOf(modified);
  }

  /** The changed records, each as a delta; undefined when they are many, or a mirror has archives only. */
  private async singles(changed: readonly string[]): Promise<readonly Fetched[] | undefined> {
    const heldSingles = [...this.held].filter(([, { document }]) => !isArchive(document)).map(([part]) => part);
    const count = new Set([...changed, ...heldSingles]).size;
    const hasArchive = this.context.previous.revisionOf(`${this.name}/${ARCHIVE}`) !== undefined;
    if (!hasArchive || count > MAX_SINGLE_RECORDS) return undefined;
    const fetched: Fetched[] = [];
    for (const part of changed) {
      const file = `${part.slice(this.name.length + 1)}.json`;
      try {
        const answer = await this.context.http.get(this.url(file), { maxBytes: MAX_RECORD_BYTES });
        if (!answer) return undefined;
        const { body, revision } = answer;
        fetched.push({ kind: 'document', document: { name: `${part}.json`, revision, body, mode: 'delta' } });
      } catch (error) {
        if (error instanceof ScannerError && error.code === 'feed.not-in-mirror') return undefined;
        throw error;
      }
    }
    return fetched;
  }

  private async archive(): Promise<Fetched> {
    const answer = await this.context.http.get(this.url(ARCHIVE), { compression: 'none', maxBytes: MAX_ARCHIVE_BYTES });
    if (!answer)
      throw new ScannerError('feed.malformed', `${this.url(ARCHIVE)} answered "not modified" though it was not asked`);
    const name = `${this.name}/${ARCHIVE}`;
    return { kind: 'document', document: { name, revision: answer.sha256, body: answer.body } };
  }

  /** Names what is held and was not read again: the single records that parts still come from, and the archive if it is given. */
  private *unchanged(archive: string | undefined, changed: readonly string[] = []): Generator<Fetched> {
    if (archive !== undefined && this.context.previous.revisionOf(archive) !== undefined) {
      yield { kind: 'unchanged', name: archive };
    }
    for (const [part, { document }] of this.held) {
      if (!isArchive(document) && !changed.includes(part)) yield { kind: 'unchanged', name: document };
    }
  }

  private url(file: string): string {
    return `${BUCKET}/${encodeURIComponent(this.name)}/${encodeURIComponent(file)}`;
  }
}

/** Part -> date of modification. @throws ScannerError `feed.malformed`: a line that is lost would drop a record. */
async function readIndex({ body }: HttpDocument, ecosystem: string): Promise<ReadonlyMap<string, string>> {
  const modified = new Map<string, string>();
  for (const line of (await body.text()).split(/\r?\n/)) {
    if (line === '') continue;
    const comma = line.indexOf(',');
    const [date, id] = [line.slice(0, comma), line.slice(comma + 1)];
    if (comma < 0 || Number.isNaN(Date.parse(date)) || !/^[\w:.+-]+$/.test(id)) {
      const name = `${ecosystem}/${INDEX}`;
      throw new ScannerError('feed.malformed', `${name}: ${JSON.stringify(line.slice(0, 80))} is no date and id`, {
        name,
      });
    }
    modified.set(`${ecosystem}/${id}`, date);
  }
  return modified;
}

/** The index and the records write the same moment with more or fewer digits. */
function secondsOf(date: string): number {
  return Math.floor(Date.parse(date) / 1000);
}
