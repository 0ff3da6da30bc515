import type { OpenAPIHono } from '@hono/zod-openapi';
import packageJson from '../../../../package.json' with { type: 'json' };
import type { JobQueue } from '../../../jobs/job-queue.ts';
import type { State } from '../../../state/state.ts';
import type { SnapshotArchives } from '../../snapshots/snapshot-archives.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, answerOf, createApi } from './api-context.ts';
import { addNotificationRoutes, type NotificationRoutes } from './notifications.ts';
import { addOperatorRoutes } from './operator-jobs.ts';
import { addRunnerRoutes } from './runner-jobs.ts';
import { addScanRoutes, type ScanRoutes } from './scans.ts';
import { addSnapshotRoutes } from './snapshots.ts';
import { addTokenRoutes } from './tokens.ts';
import { addUpdateRoutes } from './updates.ts';
import { addVulnerabilityRoutes, type VulnerabilityRoutes } from './vulnerabilities.ts';

export interface ApiV1Parts extends ScanRoutes, NotificationRoutes, VulnerabilityRoutes {
  readonly state: State;
  readonly queue: JobQueue;
  readonly tokens: Tokens;
  readonly snapshots: SnapshotArchives;
}

/** Our own API, to be mounted at `/api/v1`; its description is at `openapi.json`. Every other route needs a token. */
export function createApiV1(parts: ApiV1Parts): OpenAPIHono<ApiContext> {
  const api = createApi();
  api.onError((error) => {
    const answer = answerOf(error);
    if (answer) return answer;
    throw error;
  });
  api.notFound(() =>
    Response.json({ error: { code: 'resource.not-found', message: 'there is no such route' } }, { status: 404 }),
  );
  addRunnerRoutes(api, parts);
  addOperatorRoutes(api, parts);
  addScanRoutes(api, parts);
  addTokenRoutes(api, parts);
  addUpdateRoutes(api, parts);
  addSnapshotRoutes(api, parts);
  addNotificationRoutes(api, parts);
  addVulnerabilityRoutes(api, parts);
  api.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'cvescan', version: packageJson.version },
    servers: [{ url: '/api/v1' }],
  });
  return api;
}
