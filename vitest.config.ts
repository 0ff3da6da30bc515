import { defineConfig } from 'vitest/config';

/** Unit and contract tests; `database` runs the suites on the server's state over a real PostgreSQL; `test/acceptance` needs `../shared` and is a project of its own. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/*.test.ts', 'test/contracts/**/*.test.ts'],
          pool: 'threads',
        },
      },
      {
        test: {
          name: 'database',
          include: ['src/**/*.state.test.ts', 'test/**/*.state.test.ts'],
          globalSetup: ['test/start-postgres.ts'],
          testTimeout: 60_000,
          pool: 'threads',
        },
      },
      {
        test: {
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts', 'test/browser/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          pool: 'forks',
          maxWorkers: 1,
        },
      },
    ],
  },
});
