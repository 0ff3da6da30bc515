import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { ScannerError } from '../../../model/errors.ts';
import { MAX_REQUEST_BYTES } from '../../../wire/clair-v1/decode.ts';
import { encodeClair } from '../../../wire/clair-v1/encode.ts';
import { errorAnswerOf } from './errors.ts';
import { fixRoutes } from './fixes.ts';
import { layerRoutes } from './layers.ts';
import { createRouteMatcher } from './match-route.ts';
import { metricsRoute } from './metrics.ts';
import { notificationRoutes } from './notifications.ts';
import type { V1Answer, V1Parts, V1Request, V1Route } from './v1-route.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

/** What the API's surroundings hand in. */
export interface V1Options {
  /** The longest that a request may take. */
  readonly timeoutMs: number;
  /** Lets a request in, or throws `token.invalid`, `token.forbidden`. */
  readonly authorize: (headers: Headers) => Promise<void>;
  /** Counts an answered request: the route's name in metrics, the status, and how long it took. */
  readonly observe: (route: string, status: number, durationMs: number) => void;
  /** Hears of errors that nobody threw on purpose, and of what `/v1` does not tell its clients. */
  readonly onError: (error: unknown, about: { readonly route: string; readonly request_id: string }) => void;
}

/** All routes of Clair's API, version 1, in the order of the contract. */
export function v1Routes(parts: V1Parts): readonly V1Route[] {
  return [
    ...layerRoutes(parts),
    ...vulnerabilityRoutes(parts),
    ...fixRoutes(parts),
    ...notificationRoutes(parts),
    metricsRoute(parts),
  ];
}

/**
 * Clair's API, version 1, with its framing: envelopes, `Server: clair`, gzip on request, plain-text 404 and 405.
 *
 * @returns answers requests whose URL's path begins with `/v1`.
 */
export function createV1Api(
  parts: V1Parts,
  options: V1Options,
): (request: Request, context: { readonly requestId: string }) => Promise<Response> {
  const match = createRouteMatcher(v1Routes(parts));
  return async (request, { requestId }) => {
    const { method, url } = request;
    const { path, search } = locationOf(url);
    if (path === undefined) return plainText(400, '400 Bad Request');
    const matched = match(method, path);
    if (matched === 'not found') return plainText(404, '404 page not found\n');
    if (matched === 'method not allowed') return plainText(405, 'Method Not Allowed\n');
    if ('redirect' in matched) return redirectTo(`/v1${encodePath(matched.redirect)}${search}`, method);
    const { route, params } = matched;
    const startMs = performance.now();
    let failure: unknown;
    const answer = await answerWith(route, { request, params, search }, options).catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    const acceptsGzip = request.headers.get('accept-encoding')?.includes('gzip') ?? false;
    const response = answer ? await write(answer, acceptsGzip) : await writeError(failure, acceptsGzip);
    if (!answer) options.onError(failure, { route: route.name, request_id: requestId });
    const name = answer ? route.name : (route.nameOfFailure?.(failure) ?? route.name);
    options.observe(name, response.status, performance.now() - startMs);
    return response;
  };
}

interface Located {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly search: string;
}

/** @throws ScannerError `request.timeout` after `timeoutMs`; what was begun hears of it by its signal. */
async function answerWith(
  route: V1Route,
  { request, params, search }: Located,
  { authorize, timeoutMs }: V1Options,
): Promise<V1Answer> {
  await authorize(request.headers);
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const timeout = new ScannerError('request.timeout', `the request took longer than ${timeoutMs} ms`);
    controller.abort(timeout);
    late.reject(timeout);
  }, timeoutMs);
  const v1Request: V1Request = {
    params,
    query: new URLSearchParams(search),
    body: () => readBody(request),
    signal: controller.signal,
  };
  try {
    return await Promise.race([route.handle(v1Request), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** At most `MAX_REQUEST_BYTES` of the body: Clair reads no further. */
async function readBody(request: Request): Promise<Buffer> {
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) <= MAX_REQUEST_BYTES) return Buffer.from(await request.arrayBuffer());
  if (!request.body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_REQUEST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_REQUEST_BYTES);
}

/** The path below `/v1`, percent-decoded; undefined when it cannot be, or holds U+0000, which neither database can. */
function locationOf(url: string): { readonly path: string | undefined; readonly search: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2) + '/v1'.length;
  const query = url.indexOf('?', start);
  const end = query < 0 ? url.length : query;
  const search = query < 0 ? '' : url.slice(query);
  const path = url.slice(start, end);
  if (!path.includes('%')) return { path, search };
  try {
    const decoded = decodeURIComponent(path);
    return { path: decoded.includes('\0') ? undefined : decoded, search };
  } catch {
    return { path: undefined, search };
  }
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

const JSON_TYPE = { 'content-type': 'application/json;charset=utf-8', server: 'clair' };

/** Said, as Go says it: without it the answer would be chunked. */
const NO_BODY = { 'content-length': '0' };

const compress = promisify(gzip);

/** JSON of this kind shrinks to a tenth at any level; the lower ones cost least. */
const GZIP_LEVEL = 3;

async function write({ status, envelope, encoded, text }: V1Answer, acceptsGzip: boolean): Promise<Response> {
  if (encoded) return withBytes(acceptsGzip ? await encoded.gzip() : encoded.json, { status, acceptsGzip });
  if (envelope) return withBody(encodeClair(envelope), { status, headers: JSON_TYPE, acceptsGzip });
  if (text) return withBody(text.body, { status, headers: { 'content-type': text.mediaType }, acceptsGzip });
  return new Response(null, { status, headers: NO_BODY });
}

async function writeError(error: unknown, acceptsGzip: boolean): Promise<Response> {
  const answer = errorAnswerOf(error) ?? { status: 500, message: 'internal error; the log says more' };
  const { status, message, retryAfter, type } = answer;
  const headers = { ...JSON_TYPE, ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }) };
  // Clair's text for a timeout has a type, and no line feed.
  const body = type
    ? JSON.stringify({ Error: { Message: message, Type: type } })
    : encodeClair({ Error: { Message: message } });
  return withBody(body, { status, headers, acceptsGzip });
}

async function withBody(
  body: string,
  {
    status,
    headers,
    acceptsGzip,
  }: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly acceptsGzip: boolean },
): Promise<Response> {
  if (!acceptsGzip) return new Response(body, { status, headers });
  const compressed = await compress(body, { level: GZIP_LEVEL });
  return new Response(compressed, { status, headers: { ...headers, 'content-encoding': 'gzip' } });
}

/** Bytes that are kept, so they are sent as they are. */
function withBytes(
  bytes: Uint8Array,
  { status, acceptsGzip }: { readonly status: number; readonly acceptsGzip: boolean },
): Response {
  const headers = { ...JSON_TYPE, ...(acceptsGzip && { 'content-encoding': 'gzip' }) };
  return new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers });
}

/** As Go's `http.Error`. */
export function plainText(status: number, body: string): Response {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
  return new Response(body, { status, headers });
}

/** As Go's `http.Redirect`: a page for GET, nothing for others. */
function redirectTo(location: string, method: string): Response {
  if (method !== 'GET') return new Response(null, { status: 307, headers: { ...NO_BODY, location } });
  const body = `<a href="${location.replaceAll('&', '&amp;')}">Moved Permanently</a>.\n\n`;
  return new Response(body, { status: 301, headers: { location, 'content-type': 'text/html; charset=utf-8' } });
}
