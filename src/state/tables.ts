import type { CoreTables } from './tables/core.ts';
import type { JobTables } from './tables/jobs.ts';
import type { JudgementTables } from './tables/judgements.ts';
import type { LayerTables } from './tables/layers.ts';
import type { NotificationTables } from './tables/notifications.ts';
import type { ScanTables } from './tables/scans.ts';
import type { VulnerabilityTables } from './tables/vulnerabilities.ts';

/** All tables of the state. Each area declares its own in a file of `tables/`, beside the migration that makes them. */
export type Tables = CoreTables &
  LayerTables &
  VulnerabilityTables &
  NotificationTables &
  JobTables &
  ScanTables &
  JudgementTables;
