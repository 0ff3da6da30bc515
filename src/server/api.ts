import type { Hono } from 'hono';
import packageJson from '../../package.json' with { type: 'json' };
import { ScannerError } from '../model/errors.ts';
import type { Handle, RequestContext } from './listening/listener.ts';
import { type ApiContext, answerOf } from './routes/api-v1/api-context.ts';
import { plainText } from './routes/v1/v1-api.ts';

/** The APIs that share a port. */
export interface ApiParts {
  readonly v1: (request: Request, context: RequestContext) => Promise<Response>;
  readonly apiV1: Hono<ApiContext>;
  /** The description of `/v1`, JSON. */
  readonly v1Description: string;
  /** The longest that a request may take. */
  readonly timeoutMs: number;
  /** Hears of errors that nobody threw on purpose. */
  readonly onBug: (error: unknown, context: RequestContext) => void;
}

/** Long polls and server-sent events: they last as long as they are meant to. */
const LASTING = /^\/api\/v1\/(?:jobs\/lease|scans\/[^/]+\/events)$/;

/** What the API's port answers: `/v1` as Clair, `/api/v1` our own, and nothing else but `/version`. */
export function createApi({ v1, apiV1, v1Description, timeoutMs, onBug }: ApiParts): Handle {
  const answerOwn = async (request: Request, context: RequestContext): Promise<Response> => {
    try {
      return await apiV1.fetch(request);
    } catch (error) {
      onBug(error, context);
      return Response.json(
        { error: { code: 'internal', message: 'internal error; the log says more' } },
        { status: 500 },
      );
    }
  };
  return (request, context) => {
    const path = pathOf(request.url);
    if (path === '/v1/openapi.json' && request.method === 'GET') {
      return new Response(v1Description, { headers: { 'content-type': 'application/json' } });
    }
    // Clair looks at the first three characters.
    if (path.startsWith('/v1')) return v1(request, context);
    if (path === '/api/v1' || path.startsWith('/api/v1/')) {
      const answer = answerOwn(request, context);
      return LASTING.test(path) ? answer : withinTime(answer, timeoutMs);
    }
    if (path === '/version' && request.method === 'GET') return Response.json({ version: packageJson.version });
    return plainText(404, '404 page not found\n');
  };
}

async function withinTime(answer: Promise<Response>, timeoutMs: number): Promise<Response> {
  const late = Promise.withResolvers<Response>();
  const timeout = new ScannerError('request.timeout', `the request took longer than ${timeoutMs} ms`);
  const timer = setTimeout(() => late.resolve(answerOf(timeout)!), timeoutMs);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function pathOf(url: string): string {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const query = url.indexOf('?', start);
  return url.slice(start, query < 0 ? undefined : query);
}
