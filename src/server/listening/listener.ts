import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import type { AddressInfo, BlockList, Socket } from 'node:net';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Logger } from 'pino';
import { ScannerError } from '../../model/errors.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import type { Address } from '../config/read-settings.ts';
import type { TlsFiles } from '../config/server-config.ts';
import { limitConnections } from './connection-limit.ts';
import { isLoopbackHost, isOwnHost } from './host-check.ts';
import { LISTENER_LIMITS, type ListenerLimits } from './limits.ts';
import type { Refusals } from './refusals.ts';
import { isTrusted, remoteOf, requestIdOf } from './request-origin.ts';
import { readTlsMaterial } from './tls-material.ts';

/** What a handler knows of a request beside the request. */
export interface RequestContext {
  /** Stands in every line of log that the request causes. */
  readonly requestId: string;
  readonly remote: string;
}

export type Handle = (request: Request, context: RequestContext) => Response | Promise<Response>;

export interface ListenerOptions {
  /** For the log. */
  readonly name: string;
  readonly address: Address;
  readonly tls?: TlsFiles & { readonly caFile?: string };
  readonly handle: Handle;
  readonly log: Logger;
  readonly refusals: Refusals;
  /** Whose word on a client's address and a request's id is believed. */
  readonly trustedProxies: BlockList;
  readonly limits?: Partial<ListenerLimits>;
}

/** A port that answers, with or without TLS, within limits. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #server: Server | HttpsServer;
  readonly #running = new Set<ServerResponse>();
  readonly #closeIdle: () => void;
  #isClosing = false;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    const limits = { ...LISTENER_LIMITS, ...options.limits };
    const http = {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.maxHeaderWaitMs,
      requestTimeout: limits.maxRequestReceiveMs,
      connectionsCheckingInterval: Math.min(5000, limits.maxHeaderWaitMs),
      keepAliveTimeout: limits.maxIdleMs,
    };
    this.#server = options.tls
      ? createHttpsServer({ ...http, handshakeTimeout: limits.maxTlsHandshakeMs, ...readTlsMaterial(options.tls) })
      : createHttpServer(http);
    const { refusals } = options;
    this.#closeIdle = limitConnections(this.#server, limits.maxConnections, (what, remote) =>
      refusals.add(`connection: ${what}`, remote),
    );
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
    this.#answerRequests();
  }

  /** @throws ScannerError `config.invalid`: nothing can listen there, or the certificate cannot be used. */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    const { host, port } = options.address;
    const listening = once(listener.#server, 'listening');
    listener.#server.listen({ port, ...(host !== undefined && { host }) });
    try {
      await listening;
    } catch (cause) {
      const message = `cannot listen at ${host ?? '*'}:${port}: ${reasonOf(cause)}`;
      throw new ScannerError('config.invalid', message, {}, { cause });
    }
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where it is reached from this machine; without a host in its address on all interfaces. */
  get url(): string {
    const host = this.#options.address.host ?? '127.0.0.1';
    return `${this.#options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  get isOpenToOthers(): boolean {
    return !isLoopbackHost(this.#options.address.host);
  }

  /** Reads certificate and key again, for connections from now on. @throws ScannerError `config.invalid`: the old ones stay. */
  reloadTls(): void {
    const { tls } = this.#options;
    if (tls && this.#server instanceof HttpsServer) this.#server.setSecureContext(readTlsMaterial(tls));
  }

  /** Takes no more requests, and gives those that run `graceMs` to end. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#closeIdle();
    for (const response of this.#running) if (!response.headersSent) response.setHeader('connection', 'close');
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
    // Those that were cut off are logged before the end.
    await Promise.all([...this.#running].map((response) => once(response, 'close')));
  }

  #answerRequests(): void {
    const { handle, address, refusals, trustedProxies, log } = this.#options;
    const contexts = new WeakMap<IncomingMessage, RequestContext>();
    const answer = getRequestListener(
      async (request, { incoming }) => {
        const { socket, headers } = incoming as IncomingMessage;
        if (!isTrusted(socket.remoteAddress, trustedProxies) && !isOwnHost(headers.host, address.host)) {
          refusals.add('host header', socket.remoteAddress);
          return new Response('this host is not served here\n', { status: 421 });
        }
        const context = contexts.get(incoming as IncomingMessage)!;
        try {
          return await handle(request, context);
        } catch (error) {
          log.error({ err: error, request_id: context.requestId }, 'bug');
          return new Response('internal error\n', { status: 500 });
        }
      },
      {
        hostname: 'localhost',
        errorHandler: (error) => {
          if (!(error instanceof RequestError)) log.error({ err: error }, 'bug');
          return new Response('400 Bad Request\n', { status: error instanceof RequestError ? 400 : 500 });
        },
      },
    );
    this.#server.on('request', (incoming, outgoing) => {
      const context = { requestId: requestIdOf(incoming, trustedProxies), remote: remoteOf(incoming, trustedProxies) };
      contexts.set(incoming, context);
      this.#follow(incoming, outgoing, context);
      void answer(incoming, outgoing);
    });
  }

  /** Keeps account of a request until it is answered, then logs it. The query stays out: it may hold tokens. */
  #follow(incoming: IncomingMessage, outgoing: ServerResponse, { requestId, remote }: RequestContext): void {
    const startMs = performance.now();
    this.#running.add(outgoing);
    if (this.#isClosing) outgoing.setHeader('connection', 'close');
    outgoing.once('close', () => {
      this.#running.delete(outgoing);
      if (this.#isClosing) this.#closeIdle();
      this.#options.log.info(
        {
          request_id: requestId,
          listener: this.#options.name,
          method: incoming.method,
          path: incoming.url?.split('?', 1)[0],
          remote,
          status: outgoing.writableFinished ? outgoing.statusCode : 'aborted',
          duration_ms: Math.round((performance.now() - startMs) * 1000) / 1000,
        },
        'request',
      );
    });
  }

  #refuse(error: Error, socket: Socket): void {
    const [status, reason] = refusalOf((error as NodeJS.ErrnoException).code);
    if (reason !== undefined) this.#options.refusals.add(reason, socket.remoteAddress);
    if (socket.writable && reason !== undefined)
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else socket.destroy();
    // Who does not read the answer does not keep the connection.
    socket.setTimeout(1000, () => socket.destroy());
  }
}

function refusalOf(code = ''): readonly [status: string, reason?: string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['431 Request Header Fields Too Large', 'headers too large'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return ['408 Request Timeout', 'request too slow'];
  if (code.startsWith('HPE_')) return ['400 Bad Request', 'malformed request'];
  if (code === 'ECONNRESET' || code === 'EPIPE') return [''];
  // An answer in plain text would be none to who speaks TLS.
  return ['', 'tls handshake'];
}
