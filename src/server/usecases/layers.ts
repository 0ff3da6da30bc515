import { createHash } from 'node:crypto';
import { listersVersion } from '../../inventory/list-layer.ts';
import { ScannerError } from '../../model/errors.ts';
import {
  type AnalysedLayer,
  type FoundLayer,
  findLayer,
  insertLayer,
  readChain,
  removeUnheldLists,
  replaceDerived,
  replaceLayer,
  underivedLayers,
} from '../../state/layer-rows.ts';
import { nameNamespace, ownNamesAmong, ownRowsOn } from '../../state/own-rows.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
import { encodeClair } from '../../wire/clair-v1/encode.ts';
import { clairNamespaceOf, versionFormatOfNamespace } from '../../wire/clair-v1/project-namespace.ts';
import type { ClairLayer } from '../../wire/clair-v1/types.ts';
import type { EncodedAnswer, Layers, OpenLayerFile, PinSnapshot } from '../dependencies.ts';
import { AnswerCache, encodedAnswer } from '../layers/encoded-answer.ts';
import { layerSourceOf } from '../layers/layer-format.ts';
import { STORED_LISTING_VERSION } from '../layers/stored-listing.ts';
import type { FinishJob, NamesByNamespace } from '../threads/jobs.ts';
import type { ServerThreads } from '../threads/server-threads.ts';

/** What Clair's clients read as the version of the analysis. */
const INDEXED_BY_VERSION = 3;

/** Layers that are derived anew are read so many at a time. */
const DERIVE_BATCH = 100;

/** Lists that are removed in one transaction: others wait for it. */
const SWEEP_BATCH = 500;

/** What layers are stored in, and judged by. */
export interface LayersOptions {
  readonly state: State;
  /** Threads that read posted layers: so many at once, the others wait. */
  readonly analysing: ServerThreads;
  /** Threads that find out what feeds say of a layer. */
  readonly judging: ServerThreads;
  readonly pin: PinSnapshot;
  readonly now: () => Date;
  /** Of the plugins (default: all that are registered). */
  readonly analyserVersion?: string;
}

type Posted = Parameters<Layers['post']>[0];
type Show = Parameters<Layers['get']>[1];

/** Layers as Clair's API knows them. */
export class StoredLayers implements Layers {
  readonly #state: State;
  readonly #options: LayersOptions;
  readonly #analyserVersion: string;
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #answers = new AnswerCache();

  constructor(options: LayersOptions) {
    this.#state = options.state;
    this.#options = options;
    this.#analyserVersion = options.analyserVersion ?? defaultAnalyserVersion();
  }

  get cacheBytes(): number {
    return this.#answers.sizeBytes;
  }

  async post(
    layer: Posted,
    open: (signal: AbortSignal) => Promise<OpenLayerFile>,
    signal: AbortSignal,
  ): Promise<{ readonly indexedByVersion: number }> {
    // Who posts what is being analysed waits for it, and finds it stored; or tries in turn where that failed.
    for (let other = this.#running.get(layer.name); other; other = this.#running.get(layer.name)) {
      await other.catch(() => {});
      signal.throwIfAborted();
    }
    const work = this.#post(layer, open, signal);
    this.#running.set(layer.name, work);
    try {
      await work;
    } finally {
      this.#running.delete(layer.name);
    }
    return { indexedByVersion: INDEXED_BY_VERSION };
  }

  async #post(
    layer: Posted,
    open: (signal: AbortSignal) => Promise<OpenLayerFile>,
    signal: AbortSignal,
  ): Promise<void> {
    const known = await findLayer(this.#state, layer.name);
    if (known?.analyserVersion === this.#analyserVersion) return;
    const parentId = known ? known.parentId : await this.#parentId(layer.parentName);
    await using file = await open(signal);
    const source = layerSourceOf(file, layer.format);
    const below = parentId === null ? [] : await readChain(this.#state.db, parentId);
    const job = { kind: 'analyse', name: layer.name, source, below } as const;
    const found = await this.#options.analysing.use((ask) => ask(job), signal);
    signal.throwIfAborted();
    const analysed = { ...found, analyserVersion: this.#analyserVersion };
    if (known) await this.#replace(known.id, analysed);
    else await this.#insert(layer.name, parentId, analysed);
  }

  async #parentId(name: string | undefined): Promise<number | null> {
    if (name === undefined || name === '') return null;
    const parent = await findLayer(this.#state, name);
    if (parent === undefined) throw unknownParent();
    return parent.id;
  }

  async #insert(name: string, parentId: number | null, analysed: AnalysedLayer): Promise<void> {
    try {
      await this.#state.write(async (tx) => {
        if (parentId !== null && !(await isThere(tx, parentId))) throw unknownParent();
        await nameNamespaces(tx, analysed);
        await insertLayer(this.#state, tx, { name, parentId, analysed });
      });
    } catch (error) {
      // Another instance was faster: the layer is stored, which is what was asked.
      if (!this.#state.isDuplicate(error) || !(await findLayer(this.#state, name))) throw error;
    }
  }

  async #replace(id: number, analysed: AnalysedLayer): Promise<void> {
    await this.#state.write(async (tx) => {
      await nameNamespaces(tx, analysed);
      await replaceLayer(tx, id, analysed);
    });
    await this.deriveStale();
  }

  /** Derives anew what an analysis left behind, here or in an instance that was ended meanwhile; called once at start as well. */
  async deriveStale(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const stale = await underivedLayers(this.#state, DERIVE_BATCH);
      for (const each of stale) {
        const chain = await readChain(this.#state.db, each.id);
        // Deleted meanwhile.
        if (chain.length === 0) continue;
        const derived = await this.#options.analysing.use((ask) => ask({ kind: 'derive', chain }), signal);
        await this.#state.write((tx) => replaceDerived(tx, each, derived));
      }
      if (stale.length < DERIVE_BATCH) return;
    }
  }

  /** Removes package lists that went out of use with their layers. */
  async removeUnheldLists(): Promise<void> {
    while ((await this.#state.write((tx) => removeUnheldLists(tx, SWEEP_BATCH))) === SWEEP_BATCH);
  }

  async get(name: string, show: Show): Promise<EncodedAnswer> {
    const row = await findLayer(this.#state, name);
    if (row === undefined) throw notFound();
    const head = headOf(name, row);
    if (!show.features && !show.vulnerabilities) return encodedAnswer(Buffer.from(encodeClair({ Layer: head })));
    using pinned = show.vulnerabilities ? this.#options.pin() : undefined;
    const judgedBy = show.vulnerabilities ? [pinned?.snapshot.id ?? '', row.ownSequence] : ['features'];
    const key = [...judgedBy, row.id, row.analysis, row.namespace, show.allLayers].join(' ');
    return await this.#answers.getOrMake(key, () => this.#project(row.id, head, { show, file: pinned?.snapshot.file }));
  }

  async #project(
    id: number,
    head: ClairLayer,
    { show, file }: { readonly show: Show; readonly file: string | undefined },
  ): Promise<Uint8Array> {
    const chain = await readChain(this.#state.db, id);
    // Deleted since its row was read.
    if (chain.length === 0) throw notFound();
    const judging = show.vulnerabilities && { snapshotFile: file, nowMs: this.#options.now().getTime() };
    return this.#options.judging.use(async (ask) => {
      const choice = show.allLayers ? 'all' : 'squashed';
      const { features, found } = await ask({ kind: 'project', head, chain, choice, ...(judging && { judging }) });
      return ask({ kind: 'finish', ...(await this.#ownWords(features, found)) });
    });
  }

  /** What users say of features, and of which vulnerabilities they have the word. */
  async #ownWords(features: NamesByNamespace, found: NamesByNamespace): Promise<Omit<FinishJob, 'kind'>> {
    const { db } = this.#state;
    const own: FinishJob['own'][number][] = [];
    for (const [namespace, names] of features) own.push(...(await ownRowsOn(db, namespace, names)));
    const masked: string[] = [];
    for (const [namespace, names] of found)
      for (const { name } of await ownNamesAmong(db, namespace, names)) masked.push(`${namespace}\0${name}`);
    return { own, masked };
  }

  async delete(name: string): Promise<void> {
    const { numDeletedRows } = await this.#state.write((tx) =>
      tx.deleteFrom('layer').where('name', '=', name).executeTakeFirstOrThrow(),
    );
    if (numDeletedRows === 0n) throw notFound();
  }
}

function headOf(name: string, { namespace, parentName }: FoundLayer): ClairLayer {
  return {
    Name: name,
    ...(namespace !== null && { NamespaceName: clairNamespaceOf(namespace) }),
    ...(parentName !== null && { ParentName: parentName }),
    IndexedByVersion: INDEXED_BY_VERSION,
  };
}

/** On PostgreSQL the row stays until the transaction ends; on SQLite there is no other writer. */
async function isThere(tx: WriteTransaction, id: number): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('layer')
    .set((eb) => ({ analysis: eb.ref('analysis') }))
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** In the order in which Clair makes them: the layer's own, then those of its packages. */
async function nameNamespaces(tx: WriteTransaction, { namespace, added }: AnalysedLayer): Promise<void> {
  const ours = new Set([...(namespace === undefined ? [] : [namespace]), ...added.map((it) => it.namespace).sort()]);
  for (const each of ours) {
    const name = clairNamespaceOf(each);
    if (name !== '') await nameNamespace(tx, name, versionFormatOfNamespace(name));
  }
}

function defaultAnalyserVersion(): string {
  return createHash('sha256').update(`${STORED_LISTING_VERSION} ${listersVersion()}`).digest('hex').slice(0, 16);
}

function unknownParent(): ScannerError {
  return new ScannerError('layer.unknown-parent', 'the parent layer is unknown; it must be posted first');
}

function notFound(): ScannerError {
  return new ScannerError('resource.not-found', 'there is no such layer');
}
