import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

/** Vulnerabilities of the users' own, and what they deleted. */
export const vulnerabilities: Migration = {
  version: 3,
  name: 'vulnerabilities',
  oldestProgram: 1,
  up: async (tx, { text, integer, id }) => {
    await tx.schema
      .createTable('own_vulnerability')
      .addColumn('revision', id)
      .addColumn('namespace', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('is_tombstone', integer, (column) => column.notNull())
      .addColumn('body', text, (column) => column.notNull())
      .addUniqueConstraint('own_vulnerability_name', ['namespace', 'name'])
      .execute();
    await tx.schema
      .createTable('own_fixed_in')
      .addColumn('revision', integer, (column) =>
        column.notNull().references('own_vulnerability.revision').onDelete('cascade'),
      )
      .addColumn('namespace', text, (column) => column.notNull())
      .addColumn('feature', text, (column) => column.notNull())
      .addColumn('version', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('own_fixed_in_pk', ['revision', 'feature'])
      .execute();
    await tx.schema.createIndex('own_fixed_in_feature').on('own_fixed_in').columns(['namespace', 'feature']).execute();
    await tx.schema
      .createTable('own_sequence')
      .addColumn('id', integer, (column) => column.primaryKey())
      .addColumn('sequence', integer, (column) => column.notNull())
      .execute();
    await tx
      .insertInto('own_sequence' as never)
      .values({ id: 1, sequence: sql.lit(0) } as never)
      .execute();
  },
};
