import type { Transaction } from 'kysely';
import type { ColumnTypes, Migration } from '../migration.ts';

/** The queue of jobs, their attempts, documents and reports. */
export const jobs: Migration = {
  version: 20,
  name: 'jobs',
  oldestProgram: 1,
  up: async (tx, types) => {
    await createJobs(tx, types);
    await createParts(tx, types);
  },
};

async function createJobs(tx: Transaction<unknown>, { text, integer }: ColumnTypes): Promise<void> {
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
}

async function createParts(tx: Transaction<unknown>, { text, integer, bytes }: ColumnTypes): Promise<void> {
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
}
