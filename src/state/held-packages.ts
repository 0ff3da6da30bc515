import type { State } from './state.ts';

/** Values of one `in`. */
const BATCH = 1000;

/** A name by which packages of layers, or their source packages, go. Namespace ours. */
export interface HeldName {
  readonly namespace: string;
  readonly name: string;
}

/** All names of packages that layers brought, and of their source packages; by the indexes `package_name` and `package_source`. */
export async function heldNames({ db }: Pick<State, 'db'>): Promise<readonly HeldName[]> {
  const own = await db.selectFrom('package').select(['namespace', 'name']).distinct().execute();
  const sources = await db.selectFrom('package').select(['namespace', 'source_name as name']).distinct().execute();
  return [...own, ...sources.filter(({ name }) => name !== '')];
}

/** Those of these packages that a layer still brings; by the primary key of `layer_added_package`. */
export async function packagesInLayers(
  { db }: Pick<State, 'db'>,
  packageIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (let from = 0; from < packageIds.length; from += BATCH) {
    const rows = await db
      .selectFrom('package')
      .where('id', 'in', packageIds.slice(from, from + BATCH))
      .where((eb) =>
        eb.exists(eb.selectFrom('layer_added_package').select('layer_id').whereRef('package_id', '=', 'package.id')),
      )
      .select('id')
      .execute();
    for (const { id } of rows) found.add(id);
  }
  return found;
}
