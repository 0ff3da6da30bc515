import type { Migration } from '../migration.ts';
import { core } from './0001-core.ts';
import { jobs } from './0020-jobs.ts';
import { scans } from './0021-scans.ts';

/** All steps of the schema, in their order. */
export const migrations: readonly Migration[] = [core, jobs, scans];
