import type { Kysely } from 'kysely';
import type { WriteTransaction } from './state.ts';
import type { Tables } from './tables.ts';

/** A vulnerability of the users' own, or their word that there is none. Namespace as the v1 wire writes it. */
export interface OwnRow {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
  readonly isTombstone: boolean;
  /** As JSON, in a shape that the caller knows. */
  readonly body: string;
}

/** A feature's first version that is not affected; `#MAXV#`: none is known. */
export interface OwnFixedIn {
  readonly feature: string;
  readonly version: string;
}

/** One own row; by its unique namespace and name. */
export async function findOwnRow(db: Kysely<Tables>, namespace: string, name: string): Promise<OwnRow | undefined> {
  const row = await ownRows(db).where('namespace', '=', namespace).where('name', '=', name).executeTakeFirst();
  return row && toOwnRow(row);
}

/** Own rows of a namespace from a revision on, in the order of their revisions. */
export async function ownRowsOf(
  db: Kysely<Tables>,
  namespace: string,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<readonly OwnRow[]> {
  const rows = await ownRows(db)
    .where('namespace', '=', namespace)
    .where('is_tombstone', '=', 0)
    .where('revision', '>=', from)
    .orderBy('revision')
    .limit(limit)
    .execute();
  return rows.map(toOwnRow);
}

/** Those of these names of which users have the word: no feed is heard there. By the unique namespace and name. */
export async function ownNamesAmong(
  db: Kysely<Tables>,
  namespace: string,
  names: readonly string[],
): Promise<readonly { readonly name: string }[]> {
  const found: { readonly name: string }[] = [];
  for (let from = 0; from < names.length; from += 1000) {
    const rows = await db
      .selectFrom('own_vulnerability')
      .where('namespace', '=', namespace)
      .where('name', 'in', names.slice(from, from + 1000))
      .select('name')
      .execute();
    found.push(...rows);
  }
  return found;
}

/** Own rows that name any of these features, each with its fix; by the index `own_fixed_in_feature`. */
export async function ownRowsOn(
  db: Kysely<Tables>,
  namespace: string,
  features: readonly string[],
): Promise<readonly (OwnRow & OwnFixedIn)[]> {
  const found: (OwnRow & OwnFixedIn)[] = [];
  for (let from = 0; from < features.length; from += 1000) {
    const rows = await db
      .selectFrom('own_fixed_in')
      .innerJoin('own_vulnerability', 'own_vulnerability.revision', 'own_fixed_in.revision')
      .where('own_fixed_in.namespace', '=', namespace)
      .where('own_fixed_in.feature', 'in', features.slice(from, from + 1000))
      .select(['own_vulnerability.revision', 'own_vulnerability.namespace', 'name', 'is_tombstone', 'body'])
      .select(['feature', 'version'])
      .execute();
    for (const row of rows) found.push({ ...toOwnRow(row), feature: row.feature, version: row.version });
  }
  return found;
}

/** Counts a write; of transactions at once the others wait, so that merging reads what was merged before. */
export async function beginOwnWrite(tx: WriteTransaction): Promise<void> {
  await tx
    .updateTable('own_sequence')
    .set((eb) => ({ sequence: eb('sequence', '+', 1) }))
    .where('id', '=', 1)
    .execute();
}

/** Inserts a row. One of that name must be removed first: a changed row gets a new revision. */
export async function putOwnRow(
  tx: WriteTransaction,
  { fixedIn, ...row }: Omit<OwnRow, 'revision'> & { readonly fixedIn: readonly OwnFixedIn[] },
): Promise<number> {
  const { namespace, name, isTombstone, body } = row;
  const { revision } = await tx
    .insertInto('own_vulnerability')
    .values({ namespace, name, is_tombstone: Number(isTombstone), body })
    .returning('revision')
    .executeTakeFirstOrThrow();
  const fixes = fixedIn.map(({ feature, version }) => ({ revision, namespace, feature, version }));
  for (let from = 0; from < fixes.length; from += 1000)
    await tx
      .insertInto('own_fixed_in')
      .values(fixes.slice(from, from + 1000))
      .execute();
  return revision;
}

/** Removes a row or a tombstone, with its fixes. */
export async function removeOwnRow(tx: WriteTransaction, { revision }: Pick<OwnRow, 'revision'>): Promise<void> {
  await tx.deleteFrom('own_vulnerability').where('revision', '=', revision).execute();
}

/** Whether a layer or a user named a namespace. */
export async function isNamedNamespace(db: Kysely<Tables>, name: string): Promise<boolean> {
  const row = await db.selectFrom('named_namespace').where('name', '=', name).select('id').executeTakeFirst();
  return row !== undefined;
}

/** Notes a namespace that is named for the first time; the others keep their place. */
export async function nameNamespace(tx: WriteTransaction, name: string, versionFormat: string): Promise<void> {
  if (await isNamedNamespace(tx, name)) return;
  await tx
    .insertInto('named_namespace')
    .values({ name, version_format: versionFormat })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

function ownRows(db: Kysely<Tables>) {
  return db.selectFrom('own_vulnerability').select(['revision', 'namespace', 'name', 'is_tombstone', 'body']);
}

function toOwnRow(row: Omit<OwnRow, 'isTombstone'> & { readonly is_tombstone: number }): OwnRow {
  const { revision, namespace, name, is_tombstone, body } = row;
  return { revision, namespace, name, isTombstone: is_tombstone === 1, body };
}
