import type { Dispatcher } from 'undici';
import { ScannerError } from '../model/errors.ts';
import { realTiming } from './http.ts';
import { retryDelayMs, type Timing } from './http-retry.ts';
import { reasonOf } from './system-errors.ts';

/** Which server is spoken to, and how. */
export interface JsonApiOptions {
  /** `http://127.0.0.1:6060`; a path before the API's own is kept. */
  readonly endpoint: string;
  /** `cvescan/<version>` */
  readonly userAgent: string;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string | undefined;
  /** Proxies: `http_proxy`, `https_proxy`, `no_proxy`, in small or capital letters. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly timing?: Timing;
  /** How long an answer may take. */
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

/** One request. */
export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query, percent-encoded: `/v1/layers/a?features`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server's API that speaks JSON. */
export interface JsonApi extends AsyncDisposable {
  /**
   * @returns the document of a 2xx answer; undefined where its body is empty.
   * @throws ScannerError `endpoint.unreachable`, `endpoint.not-found` (404), `endpoint.refused` (other answers, `details.status`),
   *   `endpoint.malformed` (no JSON, or more than `maxAnswerBytes`).
   */
  call(request: JsonRequest): Promise<unknown>;
  /** The body of a 2xx answer, whatever it is. @throws ScannerError as `call`. */
  text(request: JsonRequest): Promise<string>;
}

/** Analysing a large layer is one request: Clair's own limit is 15 minutes. */
const DEFAULT_TIMEOUT_MS = 15 * 60_000;
const DEFAULT_MAX_ANSWER_BYTES = 256 << 20;
/** A busy server says 503 with Retry-After: it is asked this often. */
const MAX_ATTEMPTS = 5;

/** A client of one server. Nothing is loaded or connected before the first call. */
export function createJsonApi(options: JsonApiOptions): JsonApi {
  const endpoint = parseEndpoint(options.endpoint);
  const { timing = realTiming, signal } = options;
  let network: Promise<Network> | undefined;

  async function answered(request: JsonRequest): Promise<Answer> {
    network ??= openNetwork(options);
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(await network, { request, endpoint, options });
      if (answer.status >= 200 && answer.status < 300) return answer;
      const isBusy = answer.status === 503 && answer.retryAfter !== undefined && attempt < MAX_ATTEMPTS;
      const delayMs = isBusy ? retryDelayMs(attempt, answer.retryAfter, timing) : undefined;
      if (delayMs === undefined) throw refusal(answer, request, endpoint);
      await timing.sleep(delayMs, signal);
    }
  }

  return {
    call: async (request) => parse(await answered(request), endpoint),
    text: async (request) => (await answered(request)).text,
    [Symbol.asyncDispose]: async () => {
      if (network) await (await network).dispatcher.destroy();
    },
  };
}

/** @throws ScannerError `usage.invalid`. */
function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.search === '' && url.hash === '') {
    return url.href.replace(/\/+$/, '');
  }
  throw new ScannerError('usage.invalid', `${text} is no address of a server: write it like http://127.0.0.1:6060`);
}

interface Network {
  readonly dispatcher: Dispatcher;
  readonly request: typeof import('./undici.ts').request;
}

async function openNetwork({ env = {}, timeoutMs = DEFAULT_TIMEOUT_MS }: JsonApiOptions): Promise<Network> {
  const { EnvHttpProxyAgent, request } = await import('./undici.ts');
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: env.http_proxy || env.HTTP_PROXY || '',
    httpsProxy: env.https_proxy || env.HTTPS_PROXY || '',
    noProxy: env.no_proxy || env.NO_PROXY || '',
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return { request, dispatcher };
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

interface Asking {
  readonly request: JsonRequest;
  readonly endpoint: string;
  readonly options: JsonApiOptions;
}

async function ask(network: Network, { request, endpoint, options }: Asking): Promise<Answer> {
  const { userAgent, token, signal, maxAnswerBytes = DEFAULT_MAX_ANSWER_BYTES } = options;
  try {
    const { statusCode, headers, body } = await network.request(`${endpoint}${request.path}`, {
      dispatcher: network.dispatcher,
      method: request.method,
      signal,
      headers: {
        'user-agent': userAgent,
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(request.body !== undefined && { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    });
    const text = await readText(body, { endpoint, maxAnswerBytes });
    const retryAfter = headers['retry-after'];
    return { status: statusCode, retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter, text };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ScannerError) throw cause;
    throw new ScannerError('endpoint.unreachable', `${endpoint} does not answer: ${wordsOf(cause)}`, {}, { cause });
  }
}

/** Of a host with several addresses undici says only that all attempts failed: the first attempt knows why. */
function wordsOf(cause: unknown): string {
  return reasonOf(cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause);
}

async function readText(
  body: AsyncIterable<Buffer>,
  { endpoint, maxAnswerBytes }: { readonly endpoint: string; readonly maxAnswerBytes: number },
): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) {
      const message = `${endpoint} answers with more than maxAnswerBytes = ${maxAnswerBytes}`;
      throw new ScannerError('endpoint.malformed', message, { limit: 'maxAnswerBytes', value: maxAnswerBytes });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse({ text }: Answer, endpoint: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${endpoint} answers with something that is no JSON: is it a server of this kind?`;
    throw new ScannerError('endpoint.malformed', message, {}, { cause });
  }
}

function refusal({ status, text }: Answer, { method, path }: JsonRequest, endpoint: string): ScannerError {
  const reason = messageOf(text);
  const message = `${endpoint} answers ${status} to ${method} ${path}${reason === undefined ? '' : `: ${reason}`}`;
  return new ScannerError(status === 404 ? 'endpoint.not-found' : 'endpoint.refused', message, { status });
}

/** Clair says `{ Error: { Message } }`, our own APIs `{ error: { message } }`. */
function messageOf(text: string): string | undefined {
  try {
    const document = JSON.parse(text) as { Error?: { Message?: unknown }; error?: { message?: unknown } } | null;
    const message = document?.Error?.Message ?? document?.error?.message;
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
