import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import type { Problem } from '../model/problem.ts';
import type { Timing } from '../platform/http-retry.ts';
import { createFeedAccess, type FeedAccessOptions } from './feed-access.ts';
import { type Misbehaviour, type Publisher, type PublisherRequest, startPublisher } from './publisher.contract.ts';
import type { FeedRecord } from './record.ts';
import type { Fetched, PreviousState, Updater } from './updater.ts';

/** A promise of a family's contract, held against one plugin. Rejects with an assertion that says what was broken. */
export interface ContractCheck {
  readonly name: string;
  check(): Promise<void>;
}

/**
 * The promises of an updater, each tried against a local server that behaves (or misbehaves) like its publisher.
 *
 * @param fixture the updater's fixture folder: docs/how-to/add-an-updater.md.
 */
export function updaterChecks(updater: Updater, fixture: string): readonly ContractCheck[] {
  const check = (name: string, run: (trial: Trial) => Promise<void>): ContractCheck => ({
    name,
    async check() {
      await using trial = await startTrial(updater, fixture);
      await run(trial);
    },
  });
  return [
    check('reads its fixture', readsItsFixture),
    check('finds nothing new the second time', findsNothingNew),
    check('gives the same from a mirror', givesTheSameFromAMirror),
    check('follows redirects', (trial) => recoversFrom(trial, () => ({ kind: 'redirect' }))),
    check('waits as long as a throttling server says', waitsAsLongAsTold),
    check('comes back after 503', (trial) => recoversFrom(trial, () => ({ kind: 'status', status: 503 }))),
    check('comes back after 403', (trial) => recoversFrom(trial, () => ({ kind: 'status', status: 403 }))),
    check('fetches a git repository again after 503', fetchesAgainAfter503),
    check('goes on where the connection broke off', goesOnAfterACut),
    check('fails when the server always refuses', (trial) => fails(trial, () => refused(503), ['feed.unreachable'])),
    check('fails when a file is gone', (trial) => fails(trial, onLargest(trial, refused(404)), ['feed.unreachable'])),
    check('fails on a web page in place of data', (trial) => fails(trial, () => WEB_PAGE, ['feed.malformed'])),
    check('fails on half a document', (trial) => fails(trial, onLargest(trial, { kind: 'half' }), ['feed.malformed'])),
    check('fails on noise', (trial) => fails(trial, onLargest(trial, NOISE), ['feed.malformed'])),
    check('stops at its limit', (trial) =>
      fails(trial, onLargest(trial, { kind: 'endless' }), ['feed.limit-exceeded']),
    ),
  ];
}

const WEB_PAGE: Misbehaviour = {
  kind: 'content',
  content: Buffer.from(
    '<!DOCTYPE html>\n<html><head><title>Log in</title></head><body><p>Please log in.</p></body></html>\n',
  ),
};

const NOISE: Misbehaviour = { kind: 'content', content: Buffer.from('\u0000\u0001\u0002 no feed \u0003'.repeat(50)) };

const refused = (status: number): Misbehaviour => ({ kind: 'status', status });

/** What is held of one source, as the builder of the database holds it. Its content is what counts. */
export class Held implements PreviousState {
  private readonly revisions = new Map<string, string>();
  private readonly held = new Map<string, HeldPart>();

  revisionOf(document: string): string | undefined {
    return this.revisions.get(document);
  }

  documents(): Iterable<string> {
    return [...this.revisions.keys()];
  }

  *parts() {
    for (const [part, { revision, document }] of this.held) yield { part, revision, document };
  }

  /** Parts with their records, in a fixed order. */
  content(): readonly (readonly [part: string, records: readonly FeedRecord[]])[] {
    return [...this.held].map(([part, { records }]) => [part, records] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Takes what one run of `fetch` and `parse` gave. */
  apply(run: readonly Received[]): void {
    const named = new Set(run.flatMap(({ fetched }) => nameOf(fetched) ?? []));
    const read = new Set(run.flatMap(({ fetched }) => (fetched.kind === 'document' ? [fetched.document.name] : [])));
    for (const [part, { document }] of this.held) if (read.has(document)) this.held.delete(part);
    for (const { fetched, parts } of run) {
      if (fetched.kind !== 'document') continue;
      const { name, revision, mode } = fetched.document;
      this.revisions.set(name, revision);
      for (const [part, given] of parts) {
        const other = this.held.get(part);
        const isNewer =
          !other || given.revision > other.revision || (given.revision === other.revision && mode !== 'delta');
        if (isNewer) this.held.set(part, given);
      }
    }
    const existing = run.find(({ fetched }) => fetched.kind === 'parts')?.fetched;
    for (const [part, { document }] of this.held) {
      if (!named.has(document) || (existing?.kind === 'parts' && !existing.parts.has(part))) this.held.delete(part);
    }
    for (const document of this.revisions.keys()) if (!named.has(document)) this.revisions.delete(document);
  }
}

interface HeldPart {
  readonly revision: string;
  readonly document: string;
  readonly records: readonly FeedRecord[];
}

interface Received {
  readonly fetched: Fetched;
  readonly parts: ReadonlyMap<string, HeldPart>;
}

function nameOf(fetched: Fetched): string | undefined {
  if (fetched.kind === 'parts') return undefined;
  return fetched.kind === 'document' ? fetched.document.name : fetched.name;
}

/** One updater against its publisher. */
export interface Trial extends AsyncDisposable {
  readonly updater: Updater;
  readonly publisher: Publisher;
  /** What was slept, in milliseconds; nothing waits really. */
  readonly sleptMs: readonly number[];
  readonly problems: readonly Problem[];
  /** One update of what is held. @returns what `fetch` yielded. @throws what the updater throws; then nothing was taken. */
  update(held: Held, options?: TrialOptions): Promise<readonly Fetched[]>;
}

interface TrialOptions extends Pick<FeedAccessOptions, 'mirror' | 'maxDocumentBytes'> {
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the publisher of a fixture folder. */
export async function startTrial(updater: Updater, fixture: string): Promise<Trial> {
  const scratch = mkdtempSync(join(tmpdir(), 'cvescan-contract-'));
  const publisher = await startPublisher(fixture, join(scratch, 'repositories'));
  const clock = new Clock(dateOf(fixture));
  const problems: Problem[] = [];
  const signal = new AbortController().signal;

  async function update(held: Held, { settings = {}, ...options }: TrialOptions = {}): Promise<readonly Fetched[]> {
    const common = {
      temporaryDirectory: scratch,
      gitDirectory: join(scratch, 'git'),
      version: '0',
      env: toolsOnly(),
      signal,
    };
    const network = { timing: clock, rewrite: publisher.rewrite };
    await using access = await createFeedAccess({ ...common, ...options, network });
    // Git knows no rewriting: it finds the publisher as a mirror.
    const mirror = options.mirror ?? publisher.url;
    await using forGit = await createFeedAccess({ ...common, mirror, network: { timing: clock } });
    const received: Received[] = [];
    const problem = (found: Problem) => problems.push(found);
    const context = {
      http: access.http,
      git: forGit.git,
      previous: held,
      problem,
      now: () => new Date(clock.now()),
      settings,
      signal,
    };
    for await (const fetched of updater.fetch(context)) {
      const parts = new Map<string, HeldPart>();
      if (fetched.kind === 'document') {
        const document = fetched.document.name;
        for await (const { part, revision, records } of updater.parse(fetched.document, { problem })) {
          assert.ok(!parts.has(part), `part ${part} comes once from ${document}`);
          parts.set(part, { revision, document, records });
        }
      }
      received.push({ fetched, parts });
    }
    held.apply(received);
    return received.map(({ fetched }) => fetched);
  }

  return {
    updater,
    publisher,
    sleptMs: clock.sleptMs,
    problems,
    update,
    async [Symbol.asyncDispose]() {
      await publisher[Symbol.asyncDispose]();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** When the publisher is visited: `.now` of the fixture folder. */
function dateOf(fixture: string): Date {
  const file = join(fixture, '.now');
  return new Date(existsSync(file) ? readFileSync(file, 'utf8').trim() : '2026-02-01T00:00:00Z');
}

function toolsOnly(): Record<string, string | undefined> {
  return { PATH: process.env.PATH };
}

/** Time that passes by sleeping only. */
class Clock implements Timing {
  readonly sleptMs: number[] = [];
  private ms: number;

  constructor(start: Date) {
    this.ms = start.getTime();
  }

  now(): number {
    return this.ms;
  }

  random(): number {
    return 0.5;
  }

  async sleep(ms: number): Promise<void> {
    this.sleptMs.push(ms);
    this.ms += ms;
  }
}

async function readsItsFixture({ updater, update, problems }: Trial): Promise<void> {
  const held = new Held();
  const fetched = await update(held);
  assert.ok(
    fetched.some(({ kind }) => kind === 'document'),
    'a first run brings documents',
  );
  const named = fetched.flatMap((item) => nameOf(item) ?? []);
  assert.equal(new Set(named).size, named.length, 'every document is named once');
  assert.ok(fetched.filter(({ kind }) => kind === 'parts').length <= 1, 'the ids that exist come at most once');
  const records = held.content().flatMap(([, found]) => found);
  assert.equal(records.length > 0, !updater.hasNoRecords, 'the fixture shows records');
  for (const record of records) checkRecord(record);
  for (const { code, message } of problems) {
    assert.match(code, /^(updater|feed)\.[a-z-]+$/, 'a problem has a code of the family');
    assert.notEqual(message, '', 'a problem says what is wrong');
  }
}

function checkRecord(record: FeedRecord): void {
  if (record.kind === 'backports') return;
  const id = record.kind === 'vulnerability' ? record.id : record.vulnerabilityId;
  assert.match(id, /^\S+$/, `an id is one word: ${JSON.stringify(id)}`);
  if (record.kind !== 'advisory') return;
  assert.match(record.namespace, /^[a-z]+(-[a-z]+)?(:[\w.]+)?$/, `a namespace: ${record.namespace}`);
  assert.notEqual(record.packageName, '', 'a package has a name');
  for (const range of record.affected) {
    assert.notEqual(range.introduced, '', 'a range has a beginning');
    assert.ok(range.fixed === undefined || range.lastAffected === undefined, 'a range has one end');
  }
}

async function findsNothingNew({ update, publisher }: Trial): Promise<void> {
  const held = new Held();
  await update(held);
  const before = held.content();
  publisher.reset();
  const again = await update(held);
  assert.deepEqual(
    again.flatMap((item) => (item.kind === 'document' ? [item.document.name] : [])),
    [],
    'no document is new',
  );
  assert.deepEqual(held.content(), before);
}

async function givesTheSameFromAMirror({ update, publisher }: Trial): Promise<void> {
  const [fromPublisher, fromMirror] = [new Held(), new Held()];
  await update(fromPublisher);
  await update(fromMirror, { mirror: publisher.url });
  assert.deepEqual(fromMirror.content(), fromPublisher.content());
}

/** Git has its own ways with a server in trouble. */
const isGit = ({ path }: PublisherRequest) => /\/info\/refs$|\/(?:HEAD|objects\/.*)$/.test(path);

/** What a plain run gives; undefined for an updater that reads git repositories only. */
async function contentByHttp({ update, publisher }: Trial) {
  const held = new Held();
  await update(held);
  const isHttp = !publisher.requests.every(isGit);
  publisher.reset();
  return isHttp ? held.content() : undefined;
}

async function fetchesAgainAfter503(trial: Trial): Promise<void> {
  const [held, expected] = [new Held(), new Held()];
  await trial.update(expected);
  if (!trial.publisher.requests.some(isGit)) return;
  trial.publisher.reset();
  trial.publisher.misbehave = (request) =>
    isGit(request) && trial.publisher.requests.length === 1 ? refused(503) : undefined;
  await trial.update(held);
  assert.deepEqual(held.content(), expected.content());
}

async function recoversFrom(trial: Trial, misbehaviour: () => Misbehaviour): Promise<void> {
  const expected = await contentByHttp(trial);
  if (!expected) return;
  const { publisher, update } = trial;
  publisher.misbehave = ({ nth }) => (nth === 0 ? misbehaviour() : undefined);
  const held = new Held();
  await update(held);
  assert.deepEqual(held.content(), expected);
}

async function waitsAsLongAsTold(trial: Trial): Promise<void> {
  const throttled: Misbehaviour = { kind: 'status', status: 429, headers: { 'retry-after': '7' } };
  await recoversFrom(trial, () => throttled);
  const paths = new Set(trial.publisher.requests.map(({ path }) => path));
  const waits = trial.sleptMs.filter((ms) => ms === 7000).length;
  assert.ok(waits >= Math.min(1, paths.size), 'Retry-After was waited for');
}

async function goesOnAfterACut(trial: Trial): Promise<void> {
  await recoversFrom(trial, () => ({ kind: 'cut' }));
  const resumed = trial.publisher.requests.filter(({ headers }) => headers.range !== undefined);
  const cut = trial.publisher.requests.filter(({ nth, status }) => nth === 0 && status === 200);
  assert.equal(resumed.length, cut.length, 'every cut download asks for the rest only');
  for (const { status } of resumed) assert.equal(status, 206);
}

/** On the largest file that was asked for: a list of names that is cut at a line's end is whole to everyone. */
function onLargest({ publisher }: Trial, misbehaviour: Misbehaviour) {
  return ({ path }: PublisherRequest): Misbehaviour | undefined => {
    const asked = [...publisher.files].filter(([name]) => path === name || path.startsWith(`${name}.`));
    const largest = Math.max(...[...publisher.files.values()].map(({ length }) => length));
    return asked.some(([, { length }]) => length === largest) ? misbehaviour : undefined;
  };
}

async function fails(
  trial: Trial,
  misbehaviour: (request: PublisherRequest) => Misbehaviour | undefined,
  codes: readonly string[],
): Promise<void> {
  const expected = await contentByHttp(trial);
  if (!expected) return;
  const { publisher, update } = trial;
  publisher.misbehave = misbehaviour;
  const held = new Held();
  await assert.rejects(update(held, { maxDocumentBytes: 1 << 20 }), (error: unknown) => {
    assert.ok(error instanceof ScannerError, `a typed error, not ${String(error)}`);
    assert.ok(codes.includes(error.code), `${codes.join(' or ')}, not ${error.code}: ${error.message}`);
    return true;
  });
  assert.deepEqual(held.content(), [], 'what is held stays as it was');
}
