import { sql, type Transaction } from 'kysely';
import type { ColumnTypes, Migration } from '../migration.ts';

/** Layers, what they hold, and which packages each brought. */
export const layers: Migration = {
  version: 2,
  name: 'layers',
  oldestProgram: 1,
  up: async (tx, types) => {
    await createLayers(tx, types);
    await createPackages(tx, types);
    await tx.schema
      .createTable('named_namespace')
      .addColumn('id', types.id)
      .addColumn('name', types.text, (column) => column.notNull().unique())
      .addColumn('version_format', types.text, (column) => column.notNull())
      .execute();
  },
};

async function createLayers(tx: Transaction<unknown>, { text, integer, bytes, id }: ColumnTypes): Promise<void> {
  await tx.schema
    .createTable('package_list')
    .addColumn('id', id)
    .addColumn('hash', text, (column) => column.notNull().unique())
    .addColumn('body', bytes, (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable('layer')
    .addColumn('id', id)
    .addColumn('name', text, (column) => column.notNull().unique())
    .addColumn('parent_id', integer, (column) => column.references('layer.id').onDelete('cascade'))
    .addColumn('analysis', integer, (column) => column.notNull())
    .addColumn('derived_analysis', integer, (column) => column.notNull())
    .addColumn('analyser_version', text, (column) => column.notNull())
    .addColumn('namespace', text)
    .addColumn('walk', bytes, (column) => column.notNull())
    .addColumn('created_at', integer, (column) => column.notNull())
    .execute();
  await tx.schema.createIndex('layer_parent').on('layer').column('parent_id').execute();
  await tx.schema
    .createIndex('layer_underived')
    .on('layer')
    .column('id')
    .where(sql.ref('derived_analysis'), '<', sql.ref('analysis'))
    .execute();
  await tx.schema
    .createTable('layer_file')
    .addColumn('layer_id', integer, (column) => column.notNull().references('layer.id').onDelete('cascade'))
    .addColumn('path', text, (column) => column.notNull())
    .addColumn('lister', text, (column) => column.notNull())
    .addColumn('as_path', text, (column) => column.notNull())
    .addColumn('list_id', integer, (column) => column.notNull().references('package_list.id'))
    .addPrimaryKeyConstraint('layer_file_pk', ['layer_id', 'path', 'lister', 'as_path'])
    .execute();
  await tx.schema.createIndex('layer_file_list').on('layer_file').column('list_id').execute();
}

/** What tells packages apart; `` where there is none. */
const IDENTITY = ['scheme', 'type', 'namespace', 'name', 'version', 'source_name', 'source_version', 'arch', 'module'];

async function createPackages(tx: Transaction<unknown>, { text, integer, id }: ColumnTypes): Promise<void> {
  let table = tx.schema
    .createTable('package')
    .addColumn('id', id)
    .addColumn('hash', text, (column) => column.notNull().unique());
  for (const column of IDENTITY) table = table.addColumn(column, text, (it) => it.notNull());
  await table.execute();
  await tx.schema.createIndex('package_name').on('package').columns(['namespace', 'name']).execute();
  await tx.schema.createIndex('package_source').on('package').columns(['namespace', 'source_name']).execute();
  await tx.schema
    .createTable('layer_added_package')
    .addColumn('package_id', integer, (column) => column.notNull().references('package.id'))
    .addColumn('layer_id', integer, (column) => column.notNull().references('layer.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('layer_added_package_pk', ['package_id', 'layer_id'])
    .execute();
  await tx.schema.createIndex('layer_added_package_layer').on('layer_added_package').column('layer_id').execute();
}
