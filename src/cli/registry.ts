import type { Command } from './command.ts';

/** A command by its words; its file is loaded when it is called, so one command does not pay for the others' imports. */
export interface CommandEntry {
  readonly name: string;
  readonly group: 'Scanning' | 'Reports' | 'Advisory database' | 'Server' | 'More';
  load(): Promise<Command>;
}

/** All commands, in the order of `--help`. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'scan',
    group: 'Scanning',
    load: async () => (await import('./commands/scan.ts')).scanCommand,
  },
  {
    name: 'scan-inventory',
    group: 'Scanning',
    load: async () => (await import('./commands/scan-inventory.ts')).scanInventoryCommand,
  },
  {
    name: 'packages',
    group: 'Scanning',
    load: async () => (await import('./commands/packages.ts')).packagesCommand,
  },
  {
    name: 'kernel',
    group: 'Scanning',
    load: async () => (await import('./commands/kernel.ts')).kernelCommand,
  },
  {
    name: 'explain',
    group: 'Reports',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'diff',
    group: 'Reports',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'filter-report',
    group: 'Reports',
    load: async () => (await import('./commands/filter-report.ts')).filterReportCommand,
  },
  {
    name: 'export-report',
    group: 'Reports',
    load: async () => (await import('./commands/export-report.ts')).exportReportCommand,
  },
  {
    name: 'datasources-update',
    group: 'Advisory database',
    load: async () => (await import('./commands/datasources-update.ts')).datasourcesUpdateCommand,
  },
  {
    name: 'db status',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-status.ts')).dbStatusCommand,
  },
  {
    name: 'db search',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-search.ts')).dbSearchCommand,
  },
  {
    name: 'db export',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-export.ts')).dbExportCommand,
  },
  {
    name: 'db import',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-import.ts')).dbImportCommand,
  },
  {
    name: 'db verify',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-verify.ts')).dbVerifyCommand,
  },
  {
    name: 'db path',
    group: 'Advisory database',
    load: async () => (await import('./commands/db-path.ts')).dbPathCommand,
  },
  {
    name: 'serve',
    group: 'Server',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'config check',
    group: 'Server',
    load: async () => (await import('./commands/config-check.ts')).configCheckCommand,
  },
  {
    name: 'config print',
    group: 'Server',
    load: async () => (await import('./commands/config-print.ts')).configPrintCommand,
  },
  {
    name: 'start-runner',
    group: 'Server',
    load: async () => (await import('./commands/start-runner.ts')).startRunnerCommand,
  },
  {
    name: 'tokens add',
    group: 'Server',
    load: async () => (await import('./commands/tokens-add.ts')).tokensAddCommand,
  },
  {
    name: 'tokens list',
    group: 'Server',
    load: async () => (await import('./commands/tokens-list.ts')).tokensListCommand,
  },
  {
    name: 'tokens revoke',
    group: 'Server',
    load: async () => (await import('./commands/tokens-revoke.ts')).tokensRevokeCommand,
  },
  {
    name: 'jobs list',
    group: 'Server',
    load: async () => (await import('./commands/jobs-list.ts')).jobsListCommand,
  },
  {
    name: 'jobs show',
    group: 'Server',
    load: async () => (await import('./commands/jobs-show.ts')).jobsShowCommand,
  },
  {
    name: 'jobs cancel',
    group: 'Server',
    load: async () => (await import('./commands/jobs-cancel.ts')).jobsCancelCommand,
  },
  {
    name: 'jobs retry',
    group: 'Server',
    load: async () => (await import('./commands/jobs-retry.ts')).jobsRetryCommand,
  },
  {
    name: 'scans list',
    group: 'Server',
    load: async () => (await import('./commands/scans-list.ts')).scansListCommand,
  },
  {
    name: 'scans show',
    group: 'Server',
    load: async () => (await import('./commands/scans-show.ts')).scansShowCommand,
  },
  {
    name: 'scans submit',
    group: 'Server',
    load: async () => (await import('./commands/scans-submit.ts')).scansSubmitCommand,
  },
  {
    name: 'state check',
    group: 'Server',
    load: async () => (await import('./commands/state-check.ts')).stateCheckCommand,
  },
  {
    name: 'state migrate',
    group: 'Server',
    load: async () => (await import('./commands/state-migrate.ts')).stateMigrateCommand,
  },
  {
    name: 'state backup',
    group: 'Server',
    load: async () => (await import('./commands/state-backup.ts')).stateBackupCommand,
  },
  {
    name: 'state restore',
    group: 'Server',
    load: async () => (await import('./commands/state-restore.ts')).stateRestoreCommand,
  },
  {
    name: 'plugin test',
    group: 'Server',
    load: async () => (await import('./commands/plugin-test.ts')).pluginTestCommand,
  },
  {
    name: 'analyze-local-images',
    group: 'Server',
    load: async () => (await import('./commands/analyze-local-images.ts')).analyzeLocalImagesCommand,
  },
  {
    name: 'layers push',
    group: 'Server',
    load: async () => (await import('./commands/layers-push.ts')).layersPushCommand,
  },
  {
    name: 'layers get',
    group: 'Server',
    load: async () => (await import('./commands/layers-get.ts')).layersGetCommand,
  },
  {
    name: 'layers delete',
    group: 'Server',
    load: async () => (await import('./commands/layers-delete.ts')).layersDeleteCommand,
  },
  {
    name: 'vulnerabilities list',
    group: 'Server',
    load: async () => (await import('./commands/vulnerabilities-list.ts')).vulnerabilitiesListCommand,
  },
  {
    name: 'vulnerabilities get',
    group: 'Server',
    load: async () => (await import('./commands/vulnerabilities-get.ts')).vulnerabilitiesGetCommand,
  },
  {
    name: 'vulnerabilities add',
    group: 'Server',
    load: async () => (await import('./commands/vulnerabilities-add.ts')).vulnerabilitiesAddCommand,
  },
  {
    name: 'vulnerabilities delete',
    group: 'Server',
    load: async () => (await import('./commands/vulnerabilities-delete.ts')).vulnerabilitiesDeleteCommand,
  },
  {
    name: 'vulnerabilities reset',
    group: 'Server',
    load: async () => (await import('./commands/vulnerabilities-reset.ts')).vulnerabilitiesResetCommand,
  },
  {
    name: 'notifications get',
    group: 'Server',
    load: async () => (await import('./commands/notifications-get.ts')).notificationsGetCommand,
  },
  {
    name: 'notifications ack',
    group: 'Server',
    load: async () => (await import('./commands/notifications-ack.ts')).notificationsAckCommand,
  },
  {
    name: 'convert',
    group: 'More',
    load: async () => (await import('./commands/convert.ts')).convertCommand,
  },
  {
    name: 'sbom validate',
    group: 'More',
    load: async () => (await import('./commands/sbom-validate.ts')).sbomValidateCommand,
  },
  {
    name: 'cache status',
    group: 'More',
    load: async () => (await import('./commands/cache-status.ts')).cacheStatusCommand,
  },
  {
    name: 'cache clear',
    group: 'More',
    load: async () => (await import('./commands/cache-clear.ts')).cacheClearCommand,
  },
  {
    name: 'versions compare',
    group: 'More',
    load: async () => (await import('./commands/versions-compare.ts')).versionsCompareCommand,
  },
];
