import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is counted and measured. One registry holds Clair's names, for `/v1/metrics`, another ours; `/metrics` shows both. */
export interface Metrics {
  readonly clair: Registry;
  readonly ours: Registry;
  /** Labels `route` (`v1/getLayer`) and `code`. */
  readonly apiDuration: Histogram<'route' | 'code'>;
  readonly notifierLatency: Histogram;
  /** Label `backend`: the notifier's name. */
  readonly notifierErrors: Counter<'backend'>;
  readonly updaterErrors: Counter;
  readonly updaterDuration: Gauge;
  readonly updaterNotes: Gauge;
}

/** Ten buckets that double, from 9.375 ms to 4.8 s. */
const DURATION_BUCKETS_MS = Array.from({ length: 10 }, (_, index) => 9.375 * 2 ** index);

/** The registries of one server. Names, types and labels of Clair's are those of Clair v2.0.9 (but for its `clair_pgsql_*`). */
export function createMetrics(): Metrics {
  const clair = new Registry();
  const ours = new Registry();
  collectDefaultMetrics({ register: clair });
  const registers = [clair];
  return {
    clair,
    ours,
    apiDuration: new Histogram({
      name: 'clair_api_response_duration_milliseconds',
      help: 'The duration of time it takes to receive and write a response to an API request',
      labelNames: ['route', 'code'],
      buckets: DURATION_BUCKETS_MS,
      registers,
    }),
    notifierLatency: new Histogram({
      name: 'clair_notifier_latency_milliseconds',
      help: 'Time it takes to send a notification after it has been created',
      registers,
    }),
    notifierErrors: new Counter({
      name: 'clair_notifier_backend_errors_total',
      help: 'Number of errors that notifier backends generated',
      labelNames: ['backend'],
      registers,
    }),
    updaterErrors: new Counter({
      name: 'clair_updater_errors_total',
      help: 'Number of errors that the updater generated',
      registers,
    }),
    updaterDuration: new Gauge({
      name: 'clair_updater_duration_seconds',
      help: 'Time it takes to update the vulnerability database',
      registers,
    }),
    updaterNotes: new Gauge({
      name: 'clair_updater_notes_total',
      help: 'Number of notes that the vulnerability fetchers generated',
      registers,
    }),
  };
}
