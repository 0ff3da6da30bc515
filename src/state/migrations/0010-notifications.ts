import type { Migration } from '../migration.ts';

/** What changed for stored layers, and who is still to be told. */
export const notifications: Migration = {
  version: 10,
  name: 'notifications',
  oldestProgram: 1,
  up: async (tx, { text, integer, id }) => {
    await tx.schema
      .createTable('notification')
      .addColumn('id', id)
      .addColumn('name', text, (column) => column.notNull().unique())
      .addColumn('origin', text, (column) => column.notNull())
      .addColumn('namespace', text, (column) => column.notNull())
      .addColumn('vulnerability', text, (column) => column.notNull())
      .addColumn('old', text)
      .addColumn('new', text)
      .addColumn('changes', text, (column) => column.notNull())
      .addColumn('created_at', integer, (column) => column.notNull())
      .addColumn('notified_at', integer)
      .addColumn('deleted_at', integer)
      .execute();
    await tx.schema.createIndex('notification_deleted').on('notification').column('deleted_at').execute();
    await tx.schema
      .createTable('notification_package')
      .addColumn('notification_id', integer, (column) =>
        column.notNull().references('notification.id').onDelete('cascade'),
      )
      .addColumn('side', integer, (column) => column.notNull())
      .addColumn('package_id', integer, (column) => column.notNull())
      .addPrimaryKeyConstraint('notification_package_pk', ['notification_id', 'side', 'package_id'])
      .execute();
    await tx.schema
      .createTable('delivery')
      .addColumn('notifier', text, (column) => column.notNull())
      .addColumn('notification_id', integer, (column) =>
        column.notNull().references('notification.id').onDelete('cascade'),
      )
      .addColumn('attempt_count', integer, (column) => column.notNull())
      .addColumn('series_started_at', integer)
      .addColumn('due_at', integer, (column) => column.notNull())
      .addColumn('last_error', text)
      .addPrimaryKeyConstraint('delivery_pk', ['notifier', 'notification_id'])
      .execute();
    await tx.schema.createIndex('delivery_due').on('delivery').columns(['notifier', 'due_at']).execute();
    await tx.schema.createIndex('delivery_notification').on('delivery').column('notification_id').execute();
  },
};
