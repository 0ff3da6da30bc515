import type { Migration } from '../migration.ts';

/** Scans, who may speak to the server, and what was changed by whom. */
export const scans: Migration = {
  version: 21,
  name: 'scans',
  oldestProgram: 1,
  up: async (tx, { text, integer, id }) => {
    await tx.schema
      .createTable('scan')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('job_id', text, (column) => column.notNull().unique())
      .addColumn('submitter', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('scan_created').on('scan').columns(['created_at desc', 'id desc']).execute();
    await tx.schema
      .createTable('idempotency')
      .addColumn('submitter', text, (column) => column.notNull())
      .addColumn('key', text, (column) => column.notNull())
      .addColumn('body_sha256', text, (column) => column.notNull())
      .addColumn('scan_id', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('idempotency_pk', ['submitter', 'key'])
      .execute();
    await tx.schema
      .createTable('token')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('permission', text, (column) => column.notNull())
      .addColumn('hash', text, (column) => column.notNull().unique())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('expires_at', integer)
      .addColumn('revoked_at', integer)
      .addColumn('last_used_at', integer)
      .addColumn('use_count', integer, (column) => column.notNull())
      .execute();
    await tx.schema
      .createTable('audit')
      .addColumn('id', id)
      .addColumn('at', integer, (column) => column.notNull())
      .addColumn('actor', text, (column) => column.notNull())
      .addColumn('action', text, (column) => column.notNull())
      .addColumn('subject', text, (column) => column.notNull())
      .execute();
  },
};
