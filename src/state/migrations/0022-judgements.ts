import type { Migration } from '../migration.ts';

/** What stored scans are judged by, and how that changed. */
export const judgements: Migration = {
  version: 22,
  name: 'judgements',
  oldestProgram: 1,
  async up(tx, { text, integer, bytes }) {
    await tx.schema
      .createTable('scan_judging')
      .addColumn('scan_id', text, (column) => column.primaryKey())
      .addColumn('snapshot_id', text, (column) => column.notNull())
      .addColumn('is_due', integer, (column) => column.notNull())
      .addColumn('judgement_count', integer, (column) => column.notNull())
      .execute();
    await tx.schema.createIndex('scan_judging_due').on('scan_judging').column('is_due').execute();
    await tx.schema
      .createTable('scan_question')
      .addColumn('question', text, (column) => column.notNull())
      .addColumn('scan_id', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('scan_question_pk', ['question', 'scan_id'])
      .execute();
    await tx.schema.createIndex('scan_question_scan').on('scan_question').column('scan_id').execute();
    await tx.schema
      .createTable('scan_judgement')
      .addColumn('scan_id', text, (column) => column.notNull())
      .addColumn('number', integer, (column) => column.notNull())
      .addColumn('snapshot_id', text, (column) => column.notNull())
      .addColumn('judged_at', integer, (column) => column.notNull())
      .addColumn('counts', text, (column) => column.notNull())
      .addColumn('changes', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('scan_judgement_pk', ['scan_id', 'number'])
      .execute();
    await tx.schema
      .createTable('scan_judgement_chunk')
      .addColumn('scan_id', text, (column) => column.notNull())
      .addColumn('number', integer, (column) => column.notNull())
      .addColumn('chunk', integer, (column) => column.notNull())
      .addColumn('bytes', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('scan_judgement_chunk_pk', ['scan_id', 'number', 'chunk'])
      .execute();
  },
};
