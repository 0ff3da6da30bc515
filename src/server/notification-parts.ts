import type { Logger } from 'pino';
import { forgetNotifications } from '../state/notification-rows.ts';
import type { State } from '../state/state.ts';
import { type BackgroundLoop, createLoop } from './background-loop.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { OnVulnerabilityChange } from './dependencies.ts';
import type { Metrics } from './metrics.ts';
import { DeliveryRounds } from './notifications/delivery-rounds.ts';
import type { Notifier } from './notifications/notifier.ts';
import { NotifierOutside } from './notifications/outside.ts';
import { tellOwnChanges } from './notifications/tell-own-changes.ts';
import { notifierPlugins } from './notifiers/registry.ts';
import type { ServedSnapshots } from './snapshots/served-snapshots.ts';
import { runTask } from './tasks/run-task.ts';
import { measureUpdates } from './update-metrics.ts';
import { CompareRounds } from './updates/compare-rounds.ts';
import { StoredNotifications } from './usecases/notifications.ts';

export interface NotificationPartsOptions {
  readonly state: State;
  readonly config: ServerConfig;
  /** Of the advisory database. */
  readonly databaseDirectory: string;
  readonly served: ServedSnapshots;
  /** Unique for each process. */
  readonly instanceId: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What finds out what changed, keeps it, and tells of it. */
export interface NotificationParts extends AsyncDisposable {
  readonly notifications: StoredNotifications;
  /** To be told of what users change. */
  readonly changed: OnVulnerabilityChange;
  readonly loops: readonly BackgroundLoop[];
  /** What is sent from now on is sent with the certificates as they are now. */
  reload(): void;
}

/** How often an instance asks whether a snapshot is to be compared with its forerunner. */
const COMPARE_PAUSE_MS = 1000;
/** What users change is sent within a second. */
const DELIVER_PAUSE_MS = 500;
const FORGET_PAUSE_MS = 3_600_000;

export function createNotificationParts(options: NotificationPartsOptions): NotificationParts {
  const { state, config, databaseDirectory: directory, served, instanceId, metrics, log } = options;
  const outside = new NotifierOutside(Date.now);
  const notifiers = notifierPlugins.flatMap((plugin) => plugin.configure(config, outside) ?? []);
  const names = notifiers.map(({ name }) => name);
  measureUpdates({ registry: metrics.ours, state, served, directory, notifiers: names });
  const comparing = new CompareRounds({
    ...{ state, stateOptions: config.database, directory, served, instanceId, runTask, notifiers: names, log },
    ...{ maxPerUpdate: config.notifications.maxPerUpdate, now: () => new Date() },
  });
  return {
    notifications: new StoredNotifications(state),
    changed: tellOwnChanges(state, names),
    loops: [
      createLoop({
        name: 'comparison of snapshots',
        round: (signal) => comparing.round(signal),
        pauseMs: COMPARE_PAUSE_MS,
        log,
      }),
      ...notifiers.map((notifier) => deliveryLoop(options, notifier)),
      createLoop({
        name: 'removal of read notifications',
        round: async () => forgetNotifications(state, (await state.now()) - config.state.retentionMs),
        pauseMs: FORGET_PAUSE_MS,
        log,
      }),
    ],
    reload: () => void outside.closeConnections(),
    [Symbol.asyncDispose]: () => outside.closeConnections(),
  };
}

function deliveryLoop(
  { state, config, instanceId, metrics, log }: NotificationPartsOptions,
  notifier: Notifier,
): BackgroundLoop {
  const { attempts, renotifyMs } = config.notifier;
  const rounds = new DeliveryRounds({
    ...{ state, notifier, instanceId, attempts, renotifyMs, log, nowMs: () => performance.now() },
    measures: {
      sent: (_, latencyMs) => metrics.notifierLatency.observe(latencyMs),
      failed: (backend) => metrics.notifierErrors.inc({ backend }),
    },
  });
  const round = (signal: AbortSignal) => rounds.round(signal);
  return createLoop({ name: `notifier ${notifier.name}`, round, pauseMs: DELIVER_PAUSE_MS, log });
}
