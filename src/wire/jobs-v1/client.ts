import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { ERRORS, type ErrorCode, ScannerError } from '../../model/errors.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import {
  errorAnswer,
  LEASE_TOKEN_HEADER,
  type LeaseAnswer,
  type LeaseRequest,
  leaseAnswer,
  type ProgressRequest,
  type ResultRequest,
  renewAnswer,
  reportAnswer,
} from './schemas.ts';

/** Which server a runner serves. */
export interface JobsClientOptions {
  /** The server's base URL; `/api/v1/…` is appended. */
  readonly endpoint: string;
  readonly token: string;
  /** `cvescan/<version>` */
  readonly userAgent: string;
  /** PEM texts, for a server with a certificate of one's own, or one that asks for the client's. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Bounds one request: it is one attempt, and what becomes of a failed one is its caller's business. */
export interface Attempt {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A document as the server hands it to the job's runner. */
export interface Payload {
  /** gzip. */
  readonly bytes: Buffer;
  readonly format?: string;
  readonly sha256: string;
}

/**
 * The jobs API as a runner calls it. Every call is one request, without redirects and retries.
 *
 * @throws ScannerError the server's own code where it is one of ours (`lease.lost`, `job.cancelled`, `job.deadline`, `token.invalid` …),
 *   `endpoint.refused` for another refusal, `endpoint.malformed`, `endpoint.unreachable` (no answer, or a 5xx: the same call may succeed later).
 */
export interface JobsClient extends AsyncDisposable {
  lease(request: LeaseRequest, attempt: Attempt): Promise<LeaseAnswer | undefined>;
  payload(job: LeasedBy, attempt: Attempt): Promise<Payload>;
  renew(job: LeasedBy, attempt: Attempt): Promise<void>;
  progress(job: LeasedBy, progress: Omit<ProgressRequest, 'lease_token'>, attempt: Attempt): Promise<void>;
  report(job: LeasedBy, gzip: Readable | Uint8Array, attempt: Attempt): Promise<{ readonly sha256: string }>;
  result(job: LeasedBy, result: DistributiveOmit<ResultRequest, 'lease_token'>, attempt: Attempt): Promise<void>;
  release(job: LeasedBy, attempt: Attempt): Promise<void>;
  /**
   * The server's current snapshot as an archive; the attempt's time is that of the longest silence.
   *
   * @returns undefined: it is the one of `known` still.
   */
  snapshot(wish: SnapshotWish, attempt: Attempt): Promise<SnapshotDownload | undefined>;
}

/** What of a snapshot is there already. */
export interface SnapshotWish {
  /** ETag of the archive that is in use. */
  readonly known?: string;
  /** An archive that was not received to its end. */
  readonly begun?: { readonly etag: string; readonly sizeBytes: number };
}

/** An archive as it comes. */
export interface SnapshotDownload {
  readonly id: string;
  readonly sequence: number;
  readonly etag: string;
  /** Above 0: it goes on where it was cut. */
  readonly startBytes: number;
  /** Of the whole archive. */
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Buffer>;
}

/** A job and the token of its lease. */
export interface LeasedBy {
  readonly id: string;
  readonly token: string;
}

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

const MAX_ANSWER_BYTES = 4 << 20;
const MAX_PAYLOAD_BYTES = 96 << 20;

/** Nothing is loaded or connected before the first call. */
export function createJobsClient(options: JobsClientOptions): JobsClient {
  const connection = new Connection(options);
  const call = (request: Request, attempt: Attempt): Promise<Answer> => connection.call(request, attempt);
  const post = (path: string, body: unknown, attempt: Attempt): Promise<Answer> =>
    call({ method: 'POST', path, body }, attempt);
  const at = ({ id }: LeasedBy, rest: string): string => `/${encodeURIComponent(id)}/${rest}`;

  return {
    async lease(request, attempt) {
      const answer = await post('/lease', request, attempt);
      return answer.status === 204 ? undefined : read(answer, leaseAnswer, options.endpoint);
    },

    async payload(job, attempt) {
      const headers = { [LEASE_TOKEN_HEADER]: job.token };
      const request = { method: 'GET', path: at(job, 'payload'), headers, maxBytes: MAX_PAYLOAD_BYTES } as const;
      const answer = await call(request, attempt);
      const { 'sbom-format': format, 'sbom-sha256': sha256 } = answer.headers;
      return { bytes: answer.bytes, sha256: String(sha256), ...(format !== undefined && { format: String(format) }) };
    },

    async renew(job, attempt) {
      read(await post(at(job, 'renew'), { lease_token: job.token }, attempt), renewAnswer, options.endpoint);
    },

    async progress(job, progress, attempt) {
      await post(at(job, 'progress'), { ...progress, lease_token: job.token }, attempt);
    },

    async report(job, stream, attempt) {
      const headers = { [LEASE_TOKEN_HEADER]: job.token, 'content-type': 'application/gzip' };
      const answer = await call({ method: 'PUT', path: at(job, 'report'), headers, stream }, attempt);
      return read(answer, reportAnswer, options.endpoint);
    },

    async result(job, result, attempt) {
      await post(at(job, 'result'), { ...result, lease_token: job.token }, attempt);
    },

    async release(job, attempt) {
      await post(at(job, 'release'), { lease_token: job.token }, attempt);
    },

    snapshot: (wish, attempt) => connection.snapshot(wish, attempt),

    [Symbol.asyncDispose]: () => connection.close(),
  };
}

/** The connections to one server. */
class Connection {
  readonly #options: JobsClientOptions;
  readonly #base: string;
  #network: Promise<Network> | undefined;

  constructor(options: JobsClientOptions) {
    this.#options = options;
    this.#base = `${options.endpoint.replace(/\/+$/, '')}/api/v1`;
  }

  async snapshot({ known, begun }: SnapshotWish, attempt: Attempt): Promise<SnapshotDownload | undefined> {
    const headers = {
      ...(known !== undefined && { 'if-none-match': known }),
      ...(begun && { range: `bytes=${begun.sizeBytes}-`, 'if-range': begun.etag }),
    };
    const { endpoint } = this.#options;
    const silence = new Silence(attempt);
    const response = await this.#request({ method: 'GET', path: '/snapshots/current', headers }, silence);
    if (response.statusCode === 304) {
      await response.body.dump();
      return undefined;
    }
    if (response.statusCode !== 200 && response.statusCode !== 206) {
      throw refusal({ status: response.statusCode, bytes: await readAll(response.body, MAX_ANSWER_BYTES) }, endpoint);
    }
    return downloadOf(response, { endpoint, silence });
  }

  async call(request: Request, attempt: Attempt): Promise<Answer> {
    const answer = await this.#send(request, attempt);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusal(answer, this.#options.endpoint);
  }

  async close(): Promise<void> {
    if (this.#network) await (await this.#network).dispatcher.destroy();
  }

  async #send({ maxBytes = MAX_ANSWER_BYTES, path, ...request }: Request, attempt: Attempt): Promise<Answer> {
    const silence = new Silence(attempt);
    const { statusCode: status, headers, body } = await this.#request({ ...request, path: `/jobs${path}` }, silence);
    try {
      return { status, headers, bytes: await readAll(body, maxBytes) };
    } catch (cause) {
      throw silence.errorOf(cause, this.#options.endpoint);
    } finally {
      silence.end();
    }
  }

  async #request({ path, method, body, stream, headers }: Request, silence: Silence): Promise<Response> {
    const { token, userAgent, endpoint } = this.#options;
    const type = body !== undefined && { 'content-type': 'application/json' };
    const content = stream ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      this.#network ??= openNetwork(this.#options);
      const { dispatcher, request } = await this.#network;
      return await request(`${this.#base}${path}`, {
        dispatcher,
        method,
        signal: silence.signal,
        headers: { authorization: `Bearer ${token}`, 'user-agent': userAgent, ...type, ...headers },
        ...(content !== undefined && { body: content }),
      });
    } catch (cause) {
      silence.end();
      throw silence.errorOf(cause, endpoint);
    }
  }
}

type Response = Awaited<ReturnType<Network['request']>>;

/** The time of an attempt, as a signal; what is heard of the server makes it begin anew. */
class Silence {
  readonly signal: AbortSignal;
  readonly #attempt: Attempt;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
    this.signal = attempt.signal ? AbortSignal.any([attempt.signal, this.#over.signal]) : this.#over.signal;
    this.#timer = this.#start();
  }

  /** The server was heard. */
  begin(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  errorOf(cause: unknown, endpoint: string): unknown {
    if (this.#attempt.signal?.aborted) return this.#attempt.signal.reason;
    if (cause instanceof ScannerError) return cause;
    const seconds = Math.ceil(this.#attempt.timeoutMs / 1000);
    const message = this.#over.signal.aborted ? `no answer within ${seconds} s` : reasonOf(cause);
    return new ScannerError('endpoint.unreachable', `${endpoint}: ${message}`, {}, { cause });
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#over.abort(), Math.max(1, this.#attempt.timeoutMs));
  }
}

function downloadOf(
  { statusCode, headers, body }: Response,
  { endpoint, silence }: { readonly endpoint: string; readonly silence: Silence },
): SnapshotDownload {
  const { etag, 'snapshot-id': id, 'snapshot-sequence': sequence, 'content-length': length } = headers;
  const startBytes = statusCode === 206 ? Number(/^bytes (\d+)-/.exec(String(headers['content-range']))?.[1]) : 0;
  const sizeBytes = startBytes + Number(length);
  if (typeof etag !== 'string' || typeof id !== 'string' || !/^\d+$/.test(String(sequence)) || !(sizeBytes >= 0)) {
    silence.end();
    body.destroy();
    throw new ScannerError('endpoint.malformed', `${endpoint} answers with no snapshot`);
  }
  const chunks = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) {
        silence.begin();
        yield chunk as Buffer;
      }
    } catch (cause) {
      throw silence.errorOf(cause, endpoint);
    } finally {
      silence.end();
    }
  };
  return { id, sequence: Number(sequence), etag, startBytes, sizeBytes, body: chunks() };
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  readonly stream?: Readable | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly maxBytes?: number;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

interface Network {
  readonly dispatcher: Dispatcher;
  readonly request: typeof import('../../platform/undici.ts').request;
}

async function openNetwork({ tls }: JobsClientOptions): Promise<Network> {
  const { Agent, request } = await import('../../platform/undici.ts');
  // Timeouts are the attempts': a long poll is quiet for a while.
  const dispatcher = new Agent({ connect: { timeout: 10_000, ...tls }, headersTimeout: 0, bodyTimeout: 0 });
  return { dispatcher, request };
}

async function readAll(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new ScannerError('endpoint.malformed', `an answer is above ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function read<Schema extends z.ZodType>({ bytes }: Answer, schema: Schema, endpoint: string): z.infer<Schema> {
  const result = schema.safeParse(parseJson(bytes));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') ?? '';
  throw new ScannerError('endpoint.malformed', `${endpoint} answers in another form: ${place}: ${issue?.message}`);
}

function refusal({ status, bytes }: Pick<Answer, 'status' | 'bytes'>, endpoint: string): ScannerError {
  const told = errorAnswer.safeParse(parseJson(bytes));
  const { code, message } = told.success ? told.data.error : { code: '', message: `status ${status}` };
  const text = `${endpoint}: ${message}`;
  if (status >= 500) return new ScannerError('endpoint.unreachable', text, { status });
  return new ScannerError(Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'endpoint.refused', text, { status });
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
