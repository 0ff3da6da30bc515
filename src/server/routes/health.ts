import packageJson from '../../../package.json' with { type: 'json' };
import { plainText } from './v1/v1-api.ts';

/** What the health port stands on. */
export interface HealthParts {
  /** Asks the database; rejects when it does not answer. */
  readonly pingDatabase: () => Promise<unknown>;
  /** The snapshot that is served; undefined while there is none. */
  readonly currentSnapshot: () => { readonly id: string } | undefined;
  /** Whether there has to be one: not where updates are off. */
  readonly needsSnapshot: boolean;
  /** The server stops: nobody should send it anything more. */
  readonly isStopping: () => boolean;
  readonly writeMetrics: () => Promise<{ readonly mediaType: string; readonly body: string }>;
}

/**
 * The health port: `/health` as Clair's, `/livez` (the process), `/readyz` (database, snapshot, not stopping), `/metrics`, `/version`.
 */
export function createHealth(parts: HealthParts): (request: Request) => Promise<Response> {
  const routes: Readonly<Record<string, () => Promise<Response>>> = {
    '/health': async () =>
      new Response(null, {
        status: (await isAnswering(parts)) ? 200 : 500,
        headers: { server: 'clair', 'content-length': '0' },
      }),
    '/livez': async () => plainText(200, 'ok\n'),
    '/readyz': () => readiness(parts),
    '/version': async () => Response.json({ version: packageJson.version }),
    '/metrics': async () => {
      const { mediaType, body } = await parts.writeMetrics();
      return new Response(body, { headers: { 'content-type': mediaType } });
    },
  };
  return async ({ method, url }) => {
    const { pathname } = new URL(url);
    if (!Object.hasOwn(routes, pathname)) return plainText(404, '404 page not found\n');
    if (method !== 'GET') return plainText(405, 'Method Not Allowed\n');
    return routes[pathname]!();
  };
}

async function readiness(parts: HealthParts): Promise<Response> {
  const checks = {
    running: !parts.isStopping(),
    database: await isAnswering(parts),
    snapshot: !parts.needsSnapshot || parts.currentSnapshot() !== undefined,
  };
  const status = Object.values(checks).every(Boolean) ? 200 : 503;
  const answers = Object.entries(checks).map(([name, isWell]) => [name, isWell ? 'ok' : 'not ok']);
  return Response.json(Object.fromEntries(answers), { status });
}

async function isAnswering({ pingDatabase }: HealthParts): Promise<boolean> {
  try {
    await pingDatabase();
    return true;
  } catch {
    return false;
  }
}
