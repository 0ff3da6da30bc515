import type { CoreTables } from './tables/core.ts';
import type { JobTables } from './tables/jobs.ts';
import type { ScanTables } from './tables/scans.ts';

/** All tables of the state. Each area declares its own in a file of `tables/`, beside the migration that makes them. */
export type Tables = CoreTables & JobTables & ScanTables;
