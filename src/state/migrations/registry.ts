import type { Migration } from '../migration.ts';
import { core } from './0001-core.ts';
import { layers } from './0002-layers.ts';
import { vulnerabilities } from './0003-vulnerabilities.ts';
import { notifications } from './0010-notifications.ts';
import { jobs } from './0020-jobs.ts';
import { scans } from './0021-scans.ts';
import { judgements } from './0022-judgements.ts';

/** All steps of the schema, in their order. */
export const migrations: readonly Migration[] = [core, layers, vulnerabilities, notifications, jobs, scans, judgements];
