import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { ScannerError } from '../../model/errors.ts';
import type { FetchLimits } from './limits.ts';

/** Looks a name up: all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface DispatcherOptions {
  /** Why an address may not be connected to. */
  readonly refusalOf: (address: string, port: number) => string | undefined;
  readonly resolve: Resolve;
  /** Proxies: `http_proxy`, `https_proxy`, `no_proxy`, in small or capital letters. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly insecureTls: boolean;
  readonly limits: FetchLimits;
}

/** Go's proxies are never asked for what is on this machine. */
const NEVER_PROXIED = 'localhost,127.0.0.1,::1';

/**
 * What connects to layers' servers. The addresses that a name has are checked at the moment of connecting, and only a checked one is
 * connected to: a name that means something else the second time it is asked for leads nowhere.
 */
export async function openGuardedDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { env, insecureTls, limits } = options;
  const { Agent, EnvHttpProxyAgent } = await import('../../platform/undici.ts');
  const agentOptions = {
    connect: await guardedConnector(options),
    headersTimeout: limits.maxSilenceMs,
    bodyTimeout: limits.maxSilenceMs,
    maxHeaderSize: 64 << 10,
    // No connection is kept: each request is checked anew.
    pipelining: 0,
  };
  const [httpProxy, httpsProxy] = [env.http_proxy || env.HTTP_PROXY, env.https_proxy || env.HTTPS_PROXY];
  if (!httpProxy && !httpsProxy) return new Agent(agentOptions);
  return new EnvHttpProxyAgent({
    ...agentOptions,
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: [NEVER_PROXIED, env.no_proxy || env.NO_PROXY].filter(Boolean).join(','),
    requestTls: { rejectUnauthorized: !insecureTls },
  });
}

/** Whether requests go through a proxy at all; then names are resolved and checked before it is asked. */
export function usesProxy(env: DispatcherOptions['env']): boolean {
  return Boolean(env.http_proxy || env.HTTP_PROXY || env.https_proxy || env.HTTPS_PROXY);
}

async function guardedConnector({
  refusalOf,
  resolve,
  insecureTls,
  limits,
}: DispatcherOptions): Promise<buildConnector.connector> {
  const { buildConnector } = await import('../../platform/undici.ts');
  return (target, callback) => {
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
    const check = (address: string): void => {
      const refusal = refusalOf(address, port);
      if (refusal !== undefined) throw refused(refusal);
    };
    const lookup: LookupFunction = (hostname, lookupOptions, done) => {
      resolve(hostname)
        .then((addresses) => {
          for (const { address } of addresses) check(address);
          answerLookup(addresses, lookupOptions, done);
        })
        .catch((error: NodeJS.ErrnoException) => done(error, []));
    };
    const hostname = target.hostname.replace(/^\[|\]$/g, '');
    try {
      if (isIP(hostname) !== 0) check(hostname);
    } catch (error) {
      callback(error as Error, null);
      return;
    }
    const connect = buildConnector({
      timeout: limits.maxConnectMs,
      rejectUnauthorized: !insecureTls,
      allowH2: false,
      lookup,
    });
    connect(target, callback);
  };
}

type LookupDone = Parameters<LookupFunction>[2];

function answerLookup(addresses: readonly LookupAddress[], { all, family }: LookupOptions, done: LookupDone): void {
  const wanted = family === 4 || family === 6 ? addresses.filter((it) => it.family === family) : addresses;
  const [first] = wanted;
  if (!first) done(Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), []);
  else if (all) done(null, [...wanted]);
  else done(null, first.address, first.family);
}

/** By the system's resolver. */
export const resolveBySystem: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

export function refused(reason: string): ScannerError {
  return new ScannerError('layer.unreachable', `refused: ${reason}`);
}
