import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { ScannerError } from '../model/errors.ts';
import { reasonOf } from '../platform/system-errors.ts';

/** A layer that can be fetched. */
export interface OfferedLayer {
  readonly name: string;
  readonly file: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** How layers are offered. */
export interface OfferOptions {
  /** This machine as the server sees it: a name or an address. */
  readonly myAddress: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names or addresses from which the server fetches; all others are turned away. */
  readonly allowed: readonly string[];
  readonly onRefused: (address: string) => void;
}

/** A web server for the time of one analysis. */
export interface LayerOffer extends AsyncDisposable {
  urlOf(name: string): string;
}

const PATH_BYTES = 16;

/**
 * Offers layers below a path that cannot be guessed, to the server's addresses only. A fetch that broke off may go on where it was
 * (`Range`).
 *
 * @throws ScannerError `usage.invalid`: the port is taken, or a name cannot be resolved.
 */
export async function offerLayers(layers: readonly OfferedLayer[], options: OfferOptions): Promise<LayerOffer> {
  const { myAddress, port, allowed, onRefused } = options;
  const secret = randomBytes(PATH_BYTES).toString('hex');
  const byPath = new Map(layers.map((layer) => [`/${secret}/${layer.name}`, layer]));
  const isAllowed = await allowedAddresses(allowed);
  const server = createServer((request, response) => {
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const layer = isAllowed(address) ? byPath.get(request.url ?? '') : undefined;
    if (!isAllowed(address)) onRefused(address);
    if (layer) void answer(layer, request, response);
    else response.writeHead(isAllowed(address) ? 404 : 403).end();
  });
  const bound = await listen(server, { port, host: listeningHost(myAddress) });
  const host = isIPv6(myAddress) ? `[${myAddress}]` : myAddress;
  return {
    urlOf: (name) => `http://${host}:${bound}/${secret}/${name}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function answer(
  { file, offset, sizeBytes, name }: OfferedLayer,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const common = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', etag: `"${name}"` };
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const start = Number(/^bytes=(\d{1,15})-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (start > 0 && start >= sizeBytes) {
    response.writeHead(416, { 'content-range': `bytes */${sizeBytes}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` };
  response.writeHead(start > 0 ? 206 : 200, {
    ...common,
    ...(start > 0 && range),
    'content-length': sizeBytes - start,
  });
  if (method === 'HEAD' || sizeBytes === 0) {
    response.end();
    return;
  }
  // Whoever stops fetching, and a file that went away, end this answer: the server's error says which layer it could not read.
  const body = createReadStream(file, { start: offset + start, end: offset + sizeBytes - 1, highWaterMark: 256 << 10 });
  await pipeline(body, response).catch(() => response.destroy());
}

async function listen(server: Server, address: { readonly port: number; readonly host?: string | undefined }) {
  const listening = once(server, 'listening');
  server.listen(address.port, address.host);
  try {
    await listening;
  } catch (cause) {
    const message = `port ${address.port}, on which layers are offered, cannot be used: ${reasonOf(cause)}; see --port`;
    throw new ScannerError('usage.invalid', message, {}, { cause });
  }
  return (server.address() as AddressInfo).port;
}

/** Only the address that the server was told, where it is one of this machine; behind address translation all of them. */
function listeningHost(myAddress: string): string | undefined {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(({ address }) => address === myAddress) ? myAddress : undefined;
}

async function allowedAddresses(names: readonly string[]): Promise<(address: string) => boolean> {
  const list = new BlockList();
  const add = (address: string) => list.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  for (const name of names) {
    let found: readonly { readonly address: string }[];
    try {
      found = await lookup(name, { all: true });
    } catch (cause) {
      const message = `${name}, from which layers are to be fetched, cannot be resolved: ${reasonOf(cause)}`;
      throw new ScannerError('usage.invalid', message, {}, { cause });
    }
    for (const { address } of found) add(plainAddress(address));
    // A server of this machine may use any of its addresses.
    if (found.some(({ address }) => isLoopback(address))) for (const address of ownAddresses()) add(address);
  }
  return (address) => address !== '' && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const ownAddresses = (): readonly string[] => [
  '127.0.0.1',
  '::1',
  ...Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
];

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** An IPv4 address as such, also where the socket is an IPv6 one. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
