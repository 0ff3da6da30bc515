import type { Migration } from '../migration.ts';

/** Facts, locks, instances, and the snapshot that all of them serve. */
export const core: Migration = {
  version: 1,
  name: 'core',
  oldestProgram: 1,
  up: async (tx, { text, integer, bytes }) => {
    await tx.schema
      .createTable('keyvalue')
      .addColumn('key', text, (column) => column.primaryKey())
      .addColumn('value', text, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('lock')
      .addColumn('name', text, (column) => column.primaryKey())
      .addColumn('owner', text, (column) => column.notNull())
      .addColumn('until', integer, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('instance')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('sequence', integer, (column) => column.notNull())
      .addColumn('seen_at', integer, (column) => column.notNull())
      .addColumn('started_at', integer, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('current_snapshot')
      .addColumn('id', integer, (column) => column.primaryKey().defaultTo(1))
      .addColumn('sequence', integer, (column) => column.notNull())
      .addColumn('snapshot_id', text, (column) => column.notNull())
      .addColumn('published_at', integer, (column) => column.notNull())
      .addColumn('diffed_sequence', integer, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('stored_snapshot')
      .addColumn('sequence', integer, (column) => column.primaryKey())
      .addColumn('snapshot_id', text, (column) => column.notNull())
      .addColumn('size_bytes', integer, (column) => column.notNull())
      .addColumn('sha256', text, (column) => column.notNull())
      .addColumn('chunk_count', integer, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('snapshot_chunk')
      .addColumn('sequence', integer, (column) =>
        column.notNull().references('stored_snapshot.sequence').onDelete('cascade'),
      )
      .addColumn('number', integer, (column) => column.notNull())
      .addColumn('bytes', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('snapshot_chunk_pk', ['sequence', 'number'])
      .execute();
  },
};
