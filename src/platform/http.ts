import { setTimeout as delay } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { type ErrorCode, ScannerError } from '../model/errors.ts';
import { isRetryableStatus, retryDelayMs, type Timing } from './http-retry.ts';

/** Takes a body as it comes. After a cut it goes on where it was, or is told to begin again. */
export interface DownloadSink {
  write(chunk: Buffer): Promise<void> | void;
  /** Forget all that was written: the content changed, or the server cannot resume. */
  restart(): Promise<void> | void;
}

/** One download. */
export interface DownloadOptions {
  readonly sink: DownloadSink;
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** A question in JSON, that may be asked again without harm: it is posted. */
  readonly question?: string;
  /** Limit of the body as it comes. */
  readonly maxBytes: number;
  /** Begin no earlier than this long after the last request to the same host began. */
  readonly paceMs?: number;
}

/** What a server answered, with the body in the sink. */
export interface HttpAnswer {
  readonly status: 200 | 304;
  /** Where the redirects ended. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Downloads with redirects, retries and resume, within limits. */
export interface HttpClient {
  /**
   * @throws ScannerError with the client's code: no answer, or one that is neither 200 (see `takesAny2xx`) nor 304 (then `details.status` says
   *   which); `feed.limit-exceeded` when the body is larger than `maxBytes`.
   */
  download(url: string, options: DownloadOptions): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** How a client behaves; the defaults suit publishers of feeds. */
export interface HttpClientOptions {
  /** `cvescan/<version>` */
  readonly userAgent: string;
  /** The code of the errors that callers hear. */
  readonly failure: ErrorCode;
  /** Proxies: `http_proxy`, `https_proxy`, `no_proxy`, in small or capital letters. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timing?: Timing;
  /** Attempts in a row that bring nothing new before the download fails; 6. */
  readonly maxAttempts?: number;
  readonly maxRedirects?: number;
  readonly connectTimeoutMs?: number;
  /** Longest silence before the headers, and between two chunks of a body. */
  readonly idleTimeoutMs?: number;
  /** Where a request really goes, of every URL: tests point publishers at a local server. */
  readonly rewrite?: (url: URL) => URL;
  /** Asked before the first request and before each redirect is followed. Its own error ends the download. */
  readonly check?: (url: URL) => Promise<void>;
  /** Makes what connects, in place of an agent that goes wherever a URL leads. */
  readonly openDispatcher?: () => Promise<Dispatcher>;
  /** Statuses after which the same request may succeed; default those of publishers. */
  readonly isRetryable?: (status: number) => boolean;
  /** Any 2xx has the body, not 200 alone. */
  readonly takesAny2xx?: boolean;
  /** Redirects from https to http are followed; not by default. */
  readonly followsToHttp?: boolean;
  /** URLs are the caller's secrets: messages name them without query, user and password. */
  readonly hidesSecrets?: boolean;
}

/** Real time and chance. */
export const realTiming: Timing = {
  now: Date.now,
  random: Math.random,
  sleep: async (ms, signal) => {
    await delay(ms, undefined, { signal });
  },
};

/** An attempt that brought at least this much counts as progress: dripping servers do not keep us for ever. */
const PROGRESS_BYTES = 64 << 10;

/** A client over `undici`, which is loaded with the first request only: it costs as much as the rest of the program. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const timing = options.timing ?? realTiming;
  const lastRequestMs = new Map<string, number>();
  let network: Promise<Network> | undefined;

  async function pace(url: string, paceMs: number, signal: AbortSignal): Promise<void> {
    const { host } = new URL(url);
    const waitMs = (lastRequestMs.get(host) ?? Number.NEGATIVE_INFINITY) + paceMs - timing.now();
    if (waitMs > 0) await timing.sleep(waitMs, signal);
    lastRequestMs.set(host, timing.now());
  }

  async function download(url: string, download: DownloadOptions): Promise<HttpAnswer> {
    network ??= openNetwork(options);
    const transfer = new Transfer(url, download, await network, options);
    const maxAttempts = options.maxAttempts ?? 6;
    for (let failedCount = 0; ; ) {
      download.signal.throwIfAborted();
      await pace(url, download.paceMs ?? 0, download.signal);
      const before = transfer.receivedBytes;
      const outcome = await transfer.attempt();
      if ('answer' in outcome) return outcome.answer;
      failedCount = transfer.receivedBytes - before >= PROGRESS_BYTES ? 1 : failedCount + 1;
      const delayMs = failedCount < maxAttempts ? retryDelayMs(failedCount, outcome.retryAfter, timing) : undefined;
      if (delayMs === undefined) throw unreachable(url, outcome, options);
      await timing.sleep(delayMs, download.signal);
    }
  }

  return {
    download,
    close: async () => {
      if (network) await (await network).dispatcher.destroy();
    },
  };
}

interface Network {
  readonly dispatcher: Dispatcher;
  readonly request: typeof import('./undici.ts').request;
}

async function openNetwork({
  env,
  connectTimeoutMs = 30_000,
  idleTimeoutMs = 60_000,
  openDispatcher,
}: HttpClientOptions): Promise<Network> {
  const { Agent, EnvHttpProxyAgent, request } = await import('./undici.ts');
  if (openDispatcher) return { request, dispatcher: await openDispatcher() };
  const limits = {
    connect: { timeout: connectTimeoutMs },
    headersTimeout: idleTimeoutMs,
    bodyTimeout: idleTimeoutMs,
    maxHeaderSize: 64 << 10,
  };
  const httpProxy = env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY;
  if (!httpProxy && !httpsProxy) return { request, dispatcher: new Agent(limits) };
  const noProxy = env.no_proxy || env.NO_PROXY;
  return {
    request,
    dispatcher: new EnvHttpProxyAgent({
      ...limits,
      httpProxy: httpProxy ?? '',
      httpsProxy: httpsProxy ?? '',
      noProxy: noProxy ?? '',
    }),
  };
}

/** Why an attempt failed, where another may succeed. */
interface Failure {
  readonly reason: string;
  readonly status?: number;
  readonly retryAfter?: string | undefined;
  readonly cause?: unknown;
}

type Outcome = { readonly answer: HttpAnswer } | Failure;

/** One download over its attempts: how far it is, and by what the server would know the same content again. */
class Transfer {
  receivedBytes = 0;
  private validator: string | undefined;
  private readonly url: string;
  private readonly download: DownloadOptions;
  private readonly network: Network;
  private readonly options: HttpClientOptions;

  constructor(url: string, download: DownloadOptions, network: Network, options: HttpClientOptions) {
    this.url = url;
    this.download = download;
    this.network = network;
    this.options = options;
  }

  async attempt(): Promise<Outcome> {
    if (this.receivedBytes > 0 && !this.validator) await this.restart();
    let answer: Answered;
    try {
      answer = await this.ask();
    } catch (cause) {
      return this.failed(cause);
    }
    const { status, headers, body, url } = answer;
    if (status === 304) {
      await body.dump();
      return { answer: { status, url, headers } };
    }
    const isWhole = status === 200 || (this.options.takesAny2xx === true && is2xx(status) && status !== 206);
    if (isWhole || (status === 206 && startOf(headers) === this.receivedBytes)) {
      if (isWhole && this.receivedBytes > 0) await this.restart();
      this.validator = validatorOf(headers);
      return (await this.receive(body)) ?? { answer: { status: 200, url, headers } };
    }
    await body.dump();
    if (status === 206 || status === 416) {
      await this.restart();
      return { reason: 'could not resume', status };
    }
    const failure: Failure = { reason: `answered ${status}`, status, retryAfter: headers['retry-after'] };
    if ((this.options.isRetryable ?? isRetryableStatus)(status)) return failure;
    throw unreachable(this.url, failure, this.options);
  }

  /** Follows redirects, each within the rules: limited in number, never from https down to http, no secrets to another origin. */
  private async ask(): Promise<Answered> {
    let url = new URL(this.url);
    const { question } = this.download;
    let headers: Record<string, string> = {
      'user-agent': this.options.userAgent,
      ...(question !== undefined && { 'content-type': 'application/json' }),
      ...this.download.headers,
    };
    if (this.receivedBytes > 0)
      headers = { ...headers, range: `bytes=${this.receivedBytes}-`, 'if-range': this.validator! };
    for (let redirectCount = 0; ; redirectCount++) {
      await this.options.check?.(url);
      const { dispatcher, request } = this.network;
      const target = this.options.rewrite?.(url) ?? url;
      const response = await request(target, { ...this.asked(), dispatcher, headers, signal: this.download.signal });
      const { statusCode: status, body } = response;
      const answered = { status, body, url: url.href, headers: flatten(response.headers) };
      const { location } = answered.headers;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return answered;
      await body.dump();
      const next = URL.parse(location, url.href);
      if (!next) throw this.refused('redirects to what is no URL');
      if (redirectCount >= (this.options.maxRedirects ?? 10)) throw this.refused('redirects too often');
      if (!this.mayFollow(url, next)) throw this.refused(`redirects to ${named(next, this.options)}`);
      if (next.origin !== url.origin) headers = withoutSecrets(headers, this.download.headers);
      url = next;
    }
  }

  private asked(): { readonly method: 'GET' } | { readonly method: 'POST'; readonly body: string } {
    const { question } = this.download;
    return question === undefined ? { method: 'GET' } : { method: 'POST', body: question };
  }

  /** @returns why it broke off; undefined when the body is complete. */
  private async receive(body: AsyncIterable<Buffer>): Promise<Failure | undefined> {
    try {
      for await (const chunk of body) {
        this.receivedBytes += chunk.length;
        if (this.receivedBytes > this.download.maxBytes) throw this.tooLarge();
        await this.download.sink.write(chunk);
      }
      return undefined;
    } catch (cause) {
      return this.failed(cause);
    }
  }

  private async restart(): Promise<void> {
    this.receivedBytes = 0;
    this.validator = undefined;
    await this.download.sink.restart();
  }

  /** Errors of the network are worth another attempt; our own, those of the disk and the user's "stop" are not. */
  private failed(cause: unknown): Failure {
    this.download.signal.throwIfAborted();
    const code = (cause as { code?: unknown }).code;
    if (cause instanceof ScannerError || !(cause instanceof Error) || isDiskError(code)) throw cause;
    return { reason: `failed: ${[code, cause.message].filter(Boolean).join(' ')}`, cause };
  }

  private mayFollow(from: URL, to: URL): boolean {
    return isAllowedRedirect(from, to) || (this.options.followsToHttp === true && to.protocol === 'http:');
  }

  private refused(reason: string): ScannerError {
    return unreachable(this.url, { reason }, this.options);
  }

  private tooLarge(): ScannerError {
    const { maxBytes } = this.download;
    return new ScannerError(
      'feed.limit-exceeded',
      `${named(this.url, this.options)} is larger than maxBytes ${maxBytes}`,
      {
        maxBytes,
      },
    );
  }
}

interface Answered {
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData['body'];
}

const is2xx = (status: number): boolean => status >= 200 && status <= 299;

function unreachable(url: string, { reason, status, cause }: Failure, options: HttpClientOptions): ScannerError {
  const shown = named(url, options);
  const details = { url: shown, ...(status !== undefined && { status }) };
  return new ScannerError(options.failure, `${shown} ${reason}`, details, { cause });
}

/** A URL for messages. */
function named(url: string | URL, { hidesSecrets }: HttpClientOptions): string {
  const { origin, pathname, href } = new URL(String(url));
  return hidesSecrets ? `${origin}${pathname}` : href;
}

/** What `If-Range` takes: a strong ETag, else a date. */
function validatorOf(headers: Readonly<Record<string, string>>): string | undefined {
  if (headers['accept-ranges'] === 'none') return undefined;
  const { etag } = headers;
  return etag && !etag.startsWith('W/') ? etag : headers['last-modified'];
}

/** `100` of `Content-Range: bytes 100-199/200`. */
function startOf(headers: Readonly<Record<string, string>>): number | undefined {
  const start = /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function isAllowedRedirect(from: URL, to: URL): boolean {
  return to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
}

/** The caller's own headers (keys among them) are for the origin that it named. */
function withoutSecrets(
  headers: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const isConditional = (name: string) => /^(if-|accept)/i.test(name);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !(name in own) || isConditional(name)));
}

function flatten(headers: Record<string, string | string[] | undefined>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

/** ENOSPC, EACCES and their like come from the sink; a network has others. */
function isDiskError(code: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOENT'].includes(String(code));
}
