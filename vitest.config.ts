import { defineConfig } from 'vitest/config';

/** Unit and contract tests; `test/acceptance` needs `../shared` and is a project of its own. */
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
