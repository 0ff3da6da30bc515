import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Counter, Gauge, Registry } from 'prom-client';
import { createJobQueue } from '../jobs/job-queue.ts';
import { ScannerError } from '../model/errors.ts';
import type { Config } from '../platform/config.ts';
import { openState } from '../state/open-state.ts';
import type { State } from '../state/state.ts';
import { createApi } from './api.ts';
import { createClairParts } from './clair-parts.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { PrivateEndpoint } from './fetch-layer/address-rules.ts';
import { createLayerDownloader } from './fetch-layer/download-layer.ts';
import { resolveBySystem } from './fetch-layer/guarded-dispatcher.ts';
import { LayerAdmission } from './fetch-layer/layer-admission.ts';
import { FETCH_LIMITS } from './fetch-layer/limits.ts';
import { createOpenLayer } from './fetch-layer/open-layer.ts';
import { databaseEndpoints } from './fetch-layer/private-endpoints.ts';
import { createJobLoops } from './job-loops.ts';
import { measureJobs } from './job-metrics.ts';
import { Listener } from './listening/listener.ts';
import { Refusals } from './listening/refusals.ts';
import { readProxyList } from './listening/request-origin.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createNotificationParts } from './notification-parts.ts';
import { createPageTokens } from './page-tokens.ts';
import { statePaginationKey } from './pagination-key.ts';
import { createRenderReport } from './reports/render-report.ts';
import { authorize } from './routes/api-v1/api-context.ts';
import { createApiV1 } from './routes/api-v1/api-v1.ts';
import { createHealth } from './routes/health.ts';
import { describeV1 } from './routes/v1/openapi.ts';
import { createV1Api, v1Routes } from './routes/v1/v1-api.ts';
import type { OpenLayer, V1Parts } from './routes/v1/v1-route.ts';
import { createSnapshotParts } from './snapshot-parts.ts';
import { createSnapshotArchives } from './snapshots/snapshot-archives.ts';
import { runTask } from './tasks/run-task.ts';
import { createScans } from './usecases/scans.ts';
import { createTokens } from './usecases/tokens.ts';

export interface ServeOptions {
  readonly config: ServerConfig;
  /** Of the advisory database. */
  readonly databaseDirectory: string;
  /** Of what can be made again: clones of git feeds. */
  readonly cacheDirectory: string;
  readonly datasources: Config['datasources'];
  readonly log: Logger;
  /** Certificates of layers' servers are not checked. */
  readonly insecureTls: boolean;
  /** Proxies of layer downloads: `http_proxy`, `https_proxy`, `no_proxy`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A server that answers. */
export interface RunningServer {
  /** Undefined where the API is off. */
  readonly apiUrl: string | undefined;
  readonly healthUrl: string;
  /** Reads the certificates again; what cannot be read is logged, and the old ones stay. */
  reload(): void;
  /** Takes nothing more, lets running requests end within `drain_seconds`, and ends all that runs beside them. */
  stop(): Promise<void>;
}

/**
 * Starts everything: state, background loops, the API's port and the health port.
 *
 * @throws ScannerError what keeps it from starting: `state.…`, `config.invalid`. Nothing is left running then.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const { log } = options;
  const stack = new AsyncDisposableStack();
  try {
    const server = await start(options, stack);
    log.info({ api: server.apiUrl, health: server.healthUrl }, 'started');
    return server;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function start(options: ServeOptions, stack: AsyncDisposableStack): Promise<RunningServer> {
  const { config, log } = options;
  for (const warning of config.warnings) log.warn(warning);
  const state = stack.use(await openState(databaseOf(config)));
  const metrics = createMetrics();
  let isStopping = false;
  const listening = {
    log,
    refusals: new Refusals(log, refusalCounter(metrics)),
    trustedProxies: readProxyList(config.trustedProxies),
  };
  // Filled as the ports open: no layer is fetched from there.
  const ownEndpoints: PrivateEndpoint[] = [];
  const parts = await createParts(options, { state, metrics, stack, ownEndpoints });
  const health = await Listener.open({
    ...listening,
    name: 'health',
    address: config.health,
    handle: createHealth({
      pingDatabase: () => state.now(),
      currentSnapshot: parts.currentSnapshot,
      needsSnapshot: config.updater.intervalMs > 0,
      isStopping: () => isStopping,
      writeMetrics: () => writeMetrics(metrics),
    }),
  });
  stack.defer(() => health.close(0));
  const api = config.api && (await Listener.open({ ...listening, ...config.api, name: 'api', handle: parts.handle }));
  stack.defer(async () => api?.close(config.drainSeconds * 1000));
  stack.defer(parts.stopWaiting);
  for (const { port } of [health, ...(api ? [api] : [])]) ownEndpoints.push({ port, what: 'a port of this server' });
  warnOfOpenDoors(config, { api, log });
  for (const loop of parts.loops) {
    loop.start();
    stack.defer(() => loop.stop());
  }
  return {
    apiUrl: api?.url,
    healthUrl: health.url,
    reload() {
      parts.reload();
      try {
        api?.reloadTls();
        log.info('certificates read again');
      } catch (error) {
        log.error({ err: error }, 'certificates stay as they were');
      }
    },
    async stop() {
      isStopping = true;
      log.info('stopping');
      await stack.disposeAsync();
      log.info('stopped');
    },
  };
}

interface Foundation {
  readonly state: State;
  readonly metrics: Metrics;
  /** Where parts that have to be ended are put. */
  readonly stack: AsyncDisposableStack;
  readonly ownEndpoints: readonly PrivateEndpoint[];
}

/** The APIs, and what runs beside them. */
async function createParts(options: ServeOptions, { state, metrics, stack, ownEndpoints }: Foundation) {
  const { config, databaseDirectory, log } = options;
  const queue = createJobQueue({ state, limits: { leaseMs: config.jobs.leaseSeconds * 1000 } });
  const tokens = createTokens(state);
  const scans = createScans({ state, queue });
  const shared = { ...options, state, metrics, instanceId: randomUUID() };
  const snapshots = stack.use(await createSnapshotParts(shared));
  const { served } = snapshots;
  const notifying = stack.use(createNotificationParts({ ...shared, served }));
  const { notifications } = notifying;
  const clair = stack.use(
    createClairParts({
      ...{ state, now: () => new Date(), pin: () => served.pin(), changed: notifying.changed, log },
      concurrency: config.worker.concurrency,
    }),
  );
  const parts: V1Parts = {
    ...{ layers: clair.layers, namespaces: clair.namespaces, vulnerabilities: clair.vulnerabilities },
    notifications,
    openLayer: await openLayerOf(options, { stack, ownEndpoints }),
    pageTokens: createPageTokens(config.paginationKey ?? (await statePaginationKey(state)), Date.now),
    writeMetrics: () => metrics.clair.metrics(),
  };
  const timeoutMs = config.api?.timeoutMs ?? 0;
  const v1 = createV1Api(parts, {
    timeoutMs,
    authorize: async (headers) => {
      if (config.api?.v1Auth === 'token') await authorize(tokens, ['admin', 'create-scan'], headers);
    },
    observe: (route, status, durationMs) => {
      // Clair counts its own metrics without a status.
      const code = route === 'v1/getMetrics' ? '???' : String(status);
      metrics.apiDuration.observe({ route, code }, durationMs);
    },
    onError: (error, fields) => logError(log, error, fields),
  });
  measureJobs(queue, metrics.ours);
  measureCache(clair.layers, metrics);
  const apiV1 = createApiV1({
    ...{ state, queue, tokens, scans, notifications, vulnerabilities: clair.vulnerabilities },
    snapshots: createSnapshotArchives({ state, directory: databaseDirectory, runTask }),
    renderReport: createRenderReport(),
  });
  const handle = createApi({
    ...{ v1, apiV1, timeoutMs },
    v1Description: JSON.stringify(describeV1(v1Routes(parts))),
    onBug: (error, context) => logError(log, error, { request_id: context.requestId }),
  });
  const { retentionMs } = config.state;
  const jobLoops = createJobLoops({ state, queue, tokens, databaseDirectory, served, retentionMs, log });
  const loops = [...snapshots.loops, ...notifying.loops, ...clair.loops, ...jobLoops];
  const { reload } = notifying;
  return { handle, loops, reload, stopWaiting: queue.stopWaiting, currentSnapshot: () => served.current() };
}

async function openLayerOf(
  { config, insecureTls, env }: ServeOptions,
  { stack, ownEndpoints }: Pick<Foundation, 'stack' | 'ownEndpoints'>,
): Promise<OpenLayer> {
  const { localPaths, allowHosts, concurrency } = config.worker;
  const database = await databaseEndpoints(config.database, resolveBySystem);
  const privateEndpoints = () => [...ownEndpoints, ...database];
  const downloader = stack.use(createLayerDownloader({ allowHosts, privateEndpoints, insecureTls, env }));
  const admission = new LayerAdmission(concurrency + FETCH_LIMITS.maxWaitingLayers);
  return createOpenLayer({ downloader, localPaths, admission });
}

function databaseOf({ database }: ServerConfig) {
  return database.type === 'sqlite' ? { ...database, exclusive: true } : database;
}

/** Errors that are answers are worth a line for who looks closely; bugs and outages for everybody. */
function logError(log: Logger, error: unknown, fields: Readonly<Record<string, string>>): void {
  if (!(error instanceof ScannerError)) log.error({ err: error, ...fields }, 'bug');
  else if (error.code === 'state.unavailable' || error.code === 'layer.unreachable') {
    log.warn({ err: error, ...fields }, 'request failed');
  } else log.debug({ code: error.code, message: error.message, ...fields }, 'request refused');
}

function measureCache(layers: { readonly cacheBytes: number }, { ours }: Metrics): void {
  new Gauge({
    name: 'cvescan_layer_cache_bytes',
    help: 'Answers for layers that are kept',
    registers: [ours],
    collect() {
      this.set(layers.cacheBytes);
    },
  });
}

async function writeMetrics({ clair, ours }: Metrics) {
  return { mediaType: clair.contentType, body: await Registry.merge([clair, ours]).metrics() };
}

function refusalCounter({ ours }: Metrics): Counter<'reason'> {
  return new Counter({
    name: 'cvescan_refusals_total',
    help: 'Clients that a limit or a check kept out',
    labelNames: ['reason'],
    registers: [ours],
  });
}

/** Says what anybody on the network may do, so that nobody finds out later. */
function warnOfOpenDoors(
  config: ServerConfig,
  { api, log }: { readonly api: Listener | undefined; readonly log: Logger },
) {
  if (!api?.isOpenToOthers) return;
  if (!config.api?.tls)
    log.warn({ api: api.url }, 'the API listens beyond this machine without TLS: tokens and answers can be read');
  if (config.api?.v1Auth === 'none' && config.api.tls?.caFile === undefined) {
    log.warn(
      { api: api.url },
      'the API listens beyond this machine and /v1 asks for no token (clair.api.v1_auth: none)',
    );
  }
}
