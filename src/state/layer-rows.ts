import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { State, WriteTransaction } from './state.ts';
import type { Tables } from './tables.ts';

/** A list of packages of one file of a layer, as bytes whose meaning the caller knows. */
export interface StoredFile {
  readonly path: string;
  readonly lister: string;
  /** `` where the file lies under the wanted path itself. */
  readonly asPath: string;
  readonly body: Uint8Array;
}

/** A layer as it is stored. */
export interface StoredLayer {
  readonly id: number;
  readonly name: string;
  readonly analysis: number;
  readonly walk: Uint8Array;
  readonly files: readonly StoredFile[];
}

/** A package by what advisories can tell of it; `` where there is none. */
export type PackageRow = Omit<Tables['package'], 'id' | 'hash'>;

/** What an analysis says of a layer. */
export interface AnalysedLayer {
  readonly analyserVersion: string;
  readonly namespace: string | undefined;
  readonly walk: Uint8Array;
  readonly files: readonly StoredFile[];
  readonly added: readonly PackageRow[];
}

/** Rows of one statement: both databases take some 32,000 parameters. */
const BATCH = 1000;

/** A layer's row, with the sequence of own vulnerabilities that was valid at that moment. */
export interface FoundLayer {
  readonly id: number;
  readonly parentId: number | null;
  readonly parentName: string | null;
  readonly analysis: number;
  readonly analyserVersion: string;
  readonly namespace: string | null;
  readonly ownSequence: number;
}

/** Asked by its unique name. */
export function findLayer({ db }: Pick<State, 'db'>, name: string): Promise<FoundLayer | undefined> {
  return db
    .selectFrom('layer')
    .innerJoin('own_sequence', (join) => join.on('own_sequence.id', '=', 1))
    .leftJoin('layer as parent', 'parent.id', 'layer.parent_id')
    .where('layer.name', '=', name)
    .select(['layer.id', 'layer.parent_id as parentId', 'layer.analysis', 'layer.analyser_version as analyserVersion'])
    .select(['layer.namespace', 'parent.name as parentName', 'own_sequence.sequence as ownSequence'])
    .executeTakeFirst();
}

/** A layer and all below it, the lowest first; by primary keys and `layer_file_pk`. */
export async function readChain(db: Kysely<Tables>, layerId: number): Promise<readonly StoredLayer[]> {
  const rows = await db
    .withRecursive('chain', (query) =>
      query
        .selectFrom('layer')
        .where('id', '=', layerId)
        .select(['id', 'parent_id', (eb) => eb.lit(0).as('depth')])
        .unionAll(
          query
            .selectFrom('layer')
            .innerJoin('chain', 'chain.parent_id', 'layer.id')
            .select(['layer.id', 'layer.parent_id', (eb) => eb('chain.depth', '+', 1).as('depth')]),
        ),
    )
    .selectFrom('chain')
    .innerJoin('layer', 'layer.id', 'chain.id')
    .orderBy('chain.depth', 'desc')
    .select(['layer.id', 'layer.name', 'layer.analysis', 'layer.walk'])
    .execute();
  const files = await db
    .selectFrom('layer_file')
    .innerJoin('package_list', 'package_list.id', 'layer_file.list_id')
    .where('layer_file.layer_id', 'in', rows.length > 0 ? rows.map(({ id }) => id) : [-1])
    .orderBy('layer_file.path')
    .orderBy('layer_file.lister')
    .select(['layer_file.layer_id as layerId', 'layer_file.path', 'layer_file.lister', 'layer_file.as_path as asPath'])
    .select('package_list.body')
    .execute();
  const byLayer = Map.groupBy(files, (file) => file.layerId);
  return rows.map((row) => ({ ...row, files: byLayer.get(row.id) ?? [] }));
}

/** Inserts a layer. @throws what `isDuplicate` recognises when the name is taken. */
export async function insertLayer(
  { clock }: Pick<State, 'clock'>,
  tx: WriteTransaction,
  {
    name,
    parentId,
    analysed,
  }: { readonly name: string; readonly parentId: number | null; readonly analysed: AnalysedLayer },
): Promise<number> {
  const { analyserVersion, namespace = null, walk } = analysed;
  const { id } = await tx
    .insertInto('layer')
    .values({
      name,
      parent_id: parentId,
      analysis: 1,
      derived_analysis: 1,
      analyser_version: analyserVersion,
      namespace,
      walk,
      created_at: clock,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await insertFiles(tx, id, analysed.files);
  await insertAdded(tx, id, analysed.added);
  return id;
}

/**
 * Puts what a new analysis says in the place of what is stored. What stands on a layer is what it is because of it, so of it and of
 * all above the number counts up: cached answers end, and what is derived of them is made anew (`underivedLayers`).
 */
export async function replaceLayer(
  tx: WriteTransaction,
  id: number,
  { walk, analyserVersion, files }: Pick<AnalysedLayer, 'walk' | 'analyserVersion' | 'files'>,
): Promise<void> {
  await tx.deleteFrom('layer_file').where('layer_id', '=', id).execute();
  await tx.updateTable('layer').set({ walk, analyser_version: analyserVersion }).where('id', '=', id).execute();
  await insertFiles(tx, id, files);
  for (let level = [id]; level.length > 0; ) {
    for (const batch of batches(level)) {
      await tx
        .updateTable('layer')
        .set((eb) => ({ analysis: eb('analysis', '+', 1) }))
        .where('id', 'in', batch)
        .execute();
    }
    level = await childrenOf(tx, level);
  }
}

/** Layers of which something is to be derived anew, at most so many; by the index `layer_underived`. */
export async function underivedLayers(
  { db }: Pick<State, 'db'>,
  limit: number,
): Promise<readonly { readonly id: number; readonly analysis: number }[]> {
  return db
    .selectFrom('layer')
    .where('derived_analysis', '<', (eb) => eb.ref('analysis'))
    .select(['id', 'analysis'])
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Takes what follows of a chain for its uppermost layer, unless that was analysed once more meanwhile. */
export async function replaceDerived(
  tx: WriteTransaction,
  { id, analysis }: { readonly id: number; readonly analysis: number },
  { namespace = null, added }: { readonly namespace: string | null | undefined; readonly added: readonly PackageRow[] },
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('layer')
    .set({ derived_analysis: analysis, namespace })
    .where('id', '=', id)
    .where('analysis', '=', analysis)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return;
  await tx.deleteFrom('layer_added_package').where('layer_id', '=', id).execute();
  await insertAdded(tx, id, added);
}

/** Removes lists that no layer holds any more, at most so many; by the index `layer_file_list`. @returns how many went. */
export async function removeUnheldLists(tx: WriteTransaction, limit: number): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('package_list')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('package_list as unheld')
        .leftJoin('layer_file', 'layer_file.list_id', 'unheld.id')
        .where('layer_file.list_id', 'is', null)
        .select('unheld.id')
        .limit(limit),
    )
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** By the index `layer_parent`. */
async function childrenOf(tx: WriteTransaction, ids: readonly number[]): Promise<number[]> {
  const children: number[] = [];
  for (const batch of batches(ids)) {
    const rows = await tx.selectFrom('layer').where('parent_id', 'in', batch).select('id').execute();
    children.push(...rows.map(({ id }) => id));
  }
  return children;
}

async function insertFiles(tx: WriteTransaction, layerId: number, files: readonly StoredFile[]): Promise<void> {
  const bodies = new Map(files.map(({ body }) => [sha256(body), body] as const));
  const ids = await idsByHash(
    tx,
    'package_list',
    [...bodies].map(([hash, body]) => ({ hash, body })),
  );
  const rows = files.map(({ path, lister, asPath, body }) => ({
    ...{ layer_id: layerId, path, lister, as_path: asPath },
    list_id: ids.get(sha256(body))!,
  }));
  for (const batch of batches(rows)) await tx.insertInto('layer_file').values(batch).execute();
}

async function insertAdded(tx: WriteTransaction, layerId: number, added: readonly PackageRow[]): Promise<void> {
  const rows = new Map(added.map((row) => [sha256(JSON.stringify(Object.entries(row).sort())), row] as const));
  const ids = await idsByHash(
    tx,
    'package',
    [...rows].map(([hash, row]) => ({ hash, ...row })),
  );
  const links = [...new Set(ids.values())].sort((a, b) => a - b);
  for (const batch of batches(links.map((id) => ({ package_id: id, layer_id: layerId }))))
    await tx.insertInto('layer_added_package').values(batch).execute();
}

/** Rows that are stored once by their content: makes those that are not there yet. */
async function idsByHash<Table extends 'package' | 'package_list'>(
  tx: WriteTransaction,
  table: Table,
  rows: readonly ({ readonly hash: string } & Record<string, unknown>)[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  // In one order, so that two transactions wait for one another and do not deadlock.
  for (const batch of batches(rows.toSorted((a, b) => (a.hash < b.hash ? -1 : 1)))) {
    const find = async () => {
      const query = (tx as unknown as WriteTransaction).selectFrom(table as 'package');
      const hashes = batch.map(({ hash }) => hash);
      for (const { id, hash } of await query.where('hash', 'in', hashes).select(['id', 'hash']).execute())
        ids.set(hash, id);
    };
    await find();
    const missing = batch.filter(({ hash }) => !ids.has(hash));
    if (missing.length === 0) continue;
    await tx
      .insertInto(table as 'package')
      .values(missing as never)
      .onConflict((conflict) => conflict.column('hash').doNothing())
      .execute();
    await find();
  }
  return ids;
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
