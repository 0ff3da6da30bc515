import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createJobQueue, type JobQueueOptions } from '../src/jobs/job-queue.ts';
import { createRenderReport } from '../src/server/reports/render-report.ts';
import { createApiV1 } from '../src/server/routes/api-v1/api-v1.ts';
import { createSnapshotArchives } from '../src/server/snapshots/snapshot-archives.ts';
import { runTask } from '../src/server/tasks/run-task.ts';
import { StoredNotifications } from '../src/server/usecases/notifications.ts';
import { createScans } from '../src/server/usecases/scans.ts';
import { createTokens, type Permission } from '../src/server/usecases/tokens.ts';
import { openState } from '../src/state/open-state.ts';
import { publishSnapshot } from '../src/state/publications.ts';

export interface JobsServerOptions {
  /** Of the advisory database whose snapshot is published; none by default. */
  readonly databaseDirectory?: string;
  readonly snapshotId?: string;
  readonly limits?: JobQueueOptions['limits'];
  /** Serve with TLS, and ask clients for a certificate of this authority. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca: string };
}

/** Our own API on loopback over a state of its own: what runners and the commands about jobs speak to. */
export async function startJobsServer({
  databaseDirectory = '',
  snapshotId,
  limits = {},
  tls,
}: JobsServerOptions = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-jobs-server-'));
  const stateFile = join(directory, 'state.sqlite');
  const state = await openState({ type: 'sqlite', file: stateFile });
  if (snapshotId !== undefined) await publishSnapshot(state, { after: 0, snapshotId });
  const queue = createJobQueue({ state, limits });
  const tokens = createTokens(state);
  const scans = createScans({ state, queue });
  const snapshots = createSnapshotArchives({ state, directory: databaseDirectory, runTask });
  const api = createApiV1({
    ...{ state, queue, tokens, scans, snapshots, notifications: new StoredNotifications(state) },
    renderReport: createRenderReport(),
    vulnerabilities: { reset: async () => {} },
  });
  const secure = tls && { createServer, serverOptions: { ...tls, requestCert: true, rejectUnauthorized: true } };
  const server = createAdaptorServer({ fetch: new Hono().route('/api/v1', api).fetch, ...secure }) as Server;
  // Tests keep this process busy for longer than the default of 5 s.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sweeping = setInterval(() => void queue.sweep().catch(() => {}), 200);
  return {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stateFile,
    ...{ state, queue, scans, server },
    tokenOf: async (permission: Permission, name: string = permission): Promise<string> =>
      (await tokens.add({ name, permission }, 'test')).secret,
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await state[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}
