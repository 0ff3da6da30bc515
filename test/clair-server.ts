import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as the server of a test got it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

/** What a test's server answers. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A server on loopback that answers as the test says, and remembers what it was asked. */
export async function startClairServer(
  answer: (request: SeenRequest) => ScriptedAnswer | Promise<ScriptedAnswer>,
): Promise<{ readonly endpoint: string; readonly seen: readonly SeenRequest[] } & AsyncDisposable> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      token: incoming.headers.authorization,
      body: body === '' ? undefined : JSON.parse(body),
    };
    seen.push(request);
    const { status = 200, headers = {}, body: answered } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers });
    response.end(
      answered === undefined ? '' : typeof answered === 'string' ? answered : `${JSON.stringify(answered)}\n`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
