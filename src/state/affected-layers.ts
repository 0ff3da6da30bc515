import type { State } from './state.ts';

/** A package that some stored layer brought. */
export interface StoredPackage {
  readonly id: number;
  readonly type: string;
  readonly scheme: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly sourceName: string;
  readonly sourceVersion: string;
  readonly arch: string;
  readonly module: string;
}

/** A layer that brought a package; `index` is its number. */
export interface AddingLayer {
  readonly packageId: number;
  readonly index: number;
  readonly layerName: string;
}

/** Values of one `in`. */
const BATCH = 1000;

/**
 * Packages of stored layers that go by any of these names, or whose source package does; by the indexes `package_name` and
 * `package_source`.
 *
 * @param namespace ours.
 */
export async function storedPackages(
  { db }: Pick<State, 'db'>,
  namespace: string,
  names: readonly string[],
): Promise<readonly StoredPackage[]> {
  const found = new Map<number, StoredPackage>();
  for (const batch of batches(names)) {
    for (const column of ['name', 'source_name'] as const) {
      const rows = await db
        .selectFrom('package')
        .where('namespace', '=', namespace)
        .where(column, 'in', batch)
        .select(['id', 'type', 'scheme', 'namespace', 'name', 'version', 'arch', 'module'])
        .select(['source_name as sourceName', 'source_version as sourceVersion'])
        .execute();
      for (const row of rows) found.set(row.id, row);
    }
  }
  return [...found.values()].sort((a, b) => a.id - b.id);
}

/** The layers that brought these packages, by package and layer; by the primary key of `layer_added_package`. */
export async function layersAdding(
  { db }: Pick<State, 'db'>,
  packageIds: readonly number[],
): Promise<readonly AddingLayer[]> {
  const found: AddingLayer[] = [];
  for (const batch of batches(packageIds.toSorted((a, b) => a - b))) {
    const rows = await db
      .selectFrom('layer_added_package')
      .innerJoin('layer', 'layer.id', 'layer_added_package.layer_id')
      .where('package_id', 'in', batch)
      .orderBy('package_id')
      .orderBy('layer_id')
      .select(['package_id as packageId', 'layer_id as index', 'layer.name as layerName'])
      .execute();
    found.push(...rows);
  }
  return found;
}

function* batches<T>(values: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < values.length; from += BATCH) yield values.slice(from, from + BATCH);
}
