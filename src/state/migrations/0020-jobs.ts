import type { Migration } from '../migration.ts';

/** The queue of jobs, scans with their reports, who may speak to the server, and what was changed by whom. */
export const jobs: Migration = {
  version: 20,
  name: 'jobs',
  oldestProgram: 1,
  up: async (tx, { text, integer, bytes, id }) => {
    await tx.schema
      .createTable('job')
      .addColumn('id', text, (column) => column.primaryKey())
      .addColumn('type', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('priority', integer, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('not_before', integer, (column) => column.notNull())
      .addColumn('deadline_at', integer, (column) => column.notNull())
      .addColumn('timeout_ms', integer, (column) => column.notNull())
      .addColumn('attempt_count', integer, (column) => column.notNull())
      .addColumn('lease_count', integer, (column) => column.notNull())
      .addColumn('release_count', integer, (column) => column.notNull())
      .addColumn('lease_token', text)
      .addColumn('lease_runner', text)
      .addColumn('lease_request_id', text)
      .addColumn('lease_started_at', integer)
      .addColumn('lease_expires_at', integer)
      .addColumn('ended_at', integer)
      .addColumn('error', text)
      .addColumn('work', text, (column) => column.notNull())
      .addColumn('progress', text)
      .addColumn('submitter', text, (column) => column.notNull())
      .addColumn('for_runner', text)
      .addColumn('payload_format', text)
      .addColumn('payload_sha256', text)
      .addColumn('result', text)
      .execute();
    const indexes = {
      job_pending: ['state', 'priority desc', 'created_at', 'id'],
      job_running: ['state', 'lease_expires_at'],
      job_created: ['created_at desc', 'id desc'],
    } as const;
    for (const [name, columns] of Object.entries(indexes)) {
      await tx.schema
        .createIndex(name)
        .on('job')
        .columns([...columns])
        .execute();
    }
    await tx.schema
      .createTable('job_attempt')
      .addColumn('job_id', text, (column) => column.notNull())
      .addColumn('number', integer, (column) => column.notNull())
      .addColumn('runner', text, (column) => column.notNull())
      .addColumn('started_at', integer, (column) => column.notNull())
      .addColumn('ended_at', integer)
      .addColumn('ending', text)
      .addColumn('reason', text)
      .addColumn('token_hash', text, (column) => column.notNull())
      .addColumn('result_hash', text)
      .addPrimaryKeyConstraint('job_attempt_pk', ['job_id', 'number'])
      .execute();
    await tx.schema
      .createTable('job_payload')
      .addColumn('job_id', text, (column) => column.notNull())
      .addColumn('chunk', integer, (column) => column.notNull())
      .addColumn('bytes', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('job_payload_pk', ['job_id', 'chunk'])
      .execute();
    await tx.schema
      .createTable('job_report')
      .addColumn('job_id', text, (column) => column.notNull())
      .addColumn('lease_number', integer, (column) => column.notNull())
      .addColumn('sha256', text, (column) => column.notNull())
      .addColumn('size_bytes', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('job_report_pk', ['job_id', 'lease_number', 'sha256'])
      .execute();
    await tx.schema
      .createTable('job_report_chunk')
      .addColumn('job_id', text, (column) => column.notNull())
      .addColumn('lease_number', integer, (column) => column.notNull())
      .addColumn('sha256', text, (column) => column.notNull())
      .addColumn('chunk', integer, (column) => column.notNull())
      .addColumn('bytes', bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint('job_report_chunk_pk', ['job_id', 'lease_number', 'sha256', 'chunk'])
      .execute();
    await tx.schema
      .createTable('runner_seen')
      .addColumn('runner', text, (column) => column.primaryKey())
      .addColumn('seen_at', integer, (column) => column.notNull())
      .execute();
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
