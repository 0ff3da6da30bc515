import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import packageJson from '../../../package.json' with { type: 'json' };
import { ScannerError } from '../../model/errors.ts';
import { basicCredentialsOf } from '../../platform/basic-credentials.ts';
import { createHttpClient, type HttpAnswer, realTiming } from '../../platform/http.ts';
import type { Timing } from '../../platform/http-retry.ts';
import { isSystemError } from '../../platform/system-errors.ts';
import type { OpenLayerFile } from '../dependencies.ts';
import { type PrivateEndpoint, refusalOfAddress } from './address-rules.ts';
import { isAllowedHost } from './allowed-hosts.ts';
import { openGuardedDispatcher, type Resolve, refused, resolveBySystem, usesProxy } from './guarded-dispatcher.ts';
import { FETCH_LIMITS, type FetchLimits } from './limits.ts';
import { ReceivedFile, tooLarge } from './received-file.ts';

export interface DownloaderOptions {
  /** `worker.allowhosts`. */
  readonly allowHosts: readonly string[];
  /** What no layer is fetched from; asked at each connection, as ports may be known late. */
  readonly privateEndpoints: () => readonly PrivateEndpoint[];
  readonly insecureTls: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<FetchLimits>;
  readonly resolve?: Resolve;
  readonly timing?: Timing;
}

/** Fetches layers from where clients say, within limits and by the rules of who may be spoken to. */
export interface LayerDownloader extends AsyncDisposable {
  /**
   * @param headers the client's, for the origin of `url` only.
   * @returns the bytes without their `Content-Encoding`; the caller disposes of the file.
   * @throws ScannerError `layer.unreachable`: not there, or refused (the message, for the log, says why); `image.limit-exceeded`;
   *   `request.malformed`: headers that are none; `server.busy`: no room on the disk. The signal's reason when it is aborted.
   */
  download(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<OpenLayerFile>;
}

/** The first wait before another try: someone waits for the answer. */
const FIRST_DELAY_MS = 200;

export function createLayerDownloader(options: DownloaderOptions): LayerDownloader {
  const { allowHosts, privateEndpoints, insecureTls, env, resolve = resolveBySystem } = options;
  const limits = { ...FETCH_LIMITS, ...options.limits };
  const refusalOf = (address: string, port: number) => refusalOfAddress(address, port, privateEndpoints());
  const client = createHttpClient({
    userAgent: `cvescan/${packageJson.version}`,
    failure: 'layer.unreachable',
    env,
    timing: { firstDelayMs: FIRST_DELAY_MS, ...(options.timing ?? realTiming) },
    maxAttempts: limits.maxFetchAttempts,
    maxRedirects: limits.maxRedirects,
    isRetryable: (status) => status >= 500,
    takesAny2xx: true,
    followsToHttp: true,
    hidesSecrets: true,
    openDispatcher: () => openGuardedDispatcher({ refusalOf, resolve, env, insecureTls, limits }),
    check: async (url) => {
      if (!/^https?:$/.test(url.protocol)) throw refused(`${url.protocol} is neither http nor https`);
      if (!isAllowedHost(url, allowHosts)) throw refused(`${url.origin} is not in clair.worker.allowhosts`);
      if (usesProxy(env)) await checkBeforeProxy(url, { resolve, refusalOf });
    },
  });

  return {
    async download(url, headers, signal) {
      const target = URL.parse(url);
      if (!target) throw new ScannerError('layer.unreachable', 'the path begins as a URL and is none');
      const authorization = basicCredentialsOf(target);
      const sent = { 'accept-encoding': 'gzip', ...(authorization && { authorization }), ...readHeaders(headers) };
      target.username = target.password = '';
      const file = await ReceivedFile.create();
      try {
        const answer = await receive(target.href, sent, file);
        if (!/^x?-?gzip$/i.test(answer.headers['content-encoding'] ?? '')) return file;
        await using _packed = file;
        return await file.gunzipped(limits.maxLayerBytes);
      } catch (error) {
        await file[Symbol.asyncDispose]().catch(() => {});
        throw error;
      }

      async function receive(href: string, sent: Record<string, string>, sink: ReceivedFile): Promise<HttpAnswer> {
        const timeout = AbortSignal.timeout(limits.maxFetchMs);
        try {
          return await client.download(href, {
            sink,
            headers: sent,
            maxBytes: limits.maxLayerBytes,
            signal: AbortSignal.any([signal, timeout]),
          });
        } catch (error) {
          signal.throwIfAborted();
          throw timeout.aborted ? tooSlow(limits.maxFetchMs) : inOurWords(error, limits);
        }
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** A proxy resolves the name itself: what it may be is looked at first. */
async function checkBeforeProxy(
  url: URL,
  {
    resolve,
    refusalOf,
  }: { readonly resolve: Resolve; readonly refusalOf: (address: string, port: number) => string | undefined },
): Promise<void> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(hostname)
    ? [hostname]
    : (await resolve(hostname).catch(() => [])).map(({ address }) => address);
  for (const address of addresses) {
    const refusal = refusalOf(address, Number(url.port) || (url.protocol === 'https:' ? 443 : 80));
    if (refusal !== undefined) throw refused(refusal);
  }
}

/** Headers that belong to the connection (RFC 9110 7.6.1) or to the download. */
const OURS = new Set([
  ...[
    'host',
    'connection',
    'keep-alive',
    'proxy-connection',
    'proxy-authenticate',
    'proxy-authorization',
    'te',
    'trailer',
  ],
  ...['transfer-encoding', 'upgrade', 'content-length', 'expect', 'range', 'if-range', 'accept-encoding'],
]);

function readHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new ScannerError('request.malformed', `${JSON.stringify(name)} in Headers is no header of HTTP`);
    }
    if (!OURS.has(name.toLowerCase())) read[name.toLowerCase()] = value;
  }
  return read;
}

function tooSlow(maxFetchMs: number): ScannerError {
  return new ScannerError('layer.unreachable', `the layer took longer than maxFetchMs ${maxFetchMs}`, { maxFetchMs });
}

function inOurWords(error: unknown, { maxLayerBytes }: FetchLimits): unknown {
  if (error instanceof ScannerError && error.code === 'feed.limit-exceeded') return tooLarge(maxLayerBytes);
  if (!isSystemError(error)) return error;
  return new ScannerError('server.busy', 'the layer cannot be kept: see the log', {}, { cause: error });
}
