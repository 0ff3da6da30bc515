import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { describeState } from '../../src/state/state.contract.ts';
import { encodeClair } from '../../src/wire/clair-v1/encode.ts';
import type { ClairEnvelope } from '../../src/wire/clair-v1/types.ts';
import { startTestServer } from '../start-server.ts';
import { DECIDED_DIFFERENCES, type GoldenResponse } from './golden-differences.ts';
import { sharedData } from './shared-data.ts';

const data = sharedData();
const contract = join(import.meta.dirname, '../../../shared/contracts/clair-v1.md');

/** An exchange that Clair 2.0.9 had with a client. */
interface Exchange {
  readonly number: number;
  readonly name: string;
  readonly port?: 'health';
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
  readonly response: GoldenResponse;
}

/** Headers of an answer that are Clair's, and not the moment's. */
const HEADERS = ['Content-Type', 'Server', 'Content-Encoding', 'X-Content-Type-Options', 'Location'] as const;

const KEY = 'XxoPtCUzrUv4JV5dS+yQ+MdW7yLEJnRMwigVY/bpgtQ=';

describeState("Clair's recorded exchanges", ({ database }) => {
  test.skipIf(!data)('are answered as Clair answered them', { timeout: 300_000 }, async () => {
    const exchanges = readExchanges();
    expect(exchanges).toHaveLength(134);
    const layers = join(data!.un, 'clair-v1', 'layers');
    await using files = await serveLayers(layers);
    await using server = await startTestServer(await database(), {
      clair: { api: { paginationkey: KEY }, worker: { localpaths: [layers] } },
    });
    let nextPage = '';
    for (const exchange of exchanges) {
      const { request, response } = localised(exchange, { layers, port: files.port });
      const decided = DECIDED_DIFFERENCES[exchange.number];
      const expected = decided?.instead(response) ?? response;
      const path = request.path.replace(/page=gAAA[^&]*/, () => `page=${nextPage}`);
      const url = exchange.port === 'health' ? server.healthUrl : server.url;
      const answer = await send(url, { ...request, path });
      const body = expected.body ?? JSON.parse(encodeClair(request.body as ClairEnvelope));
      expect({ exchange: exchange.name, ...shapeOf(answer) }).toEqual({
        exchange: exchange.name,
        ...shapeOf({ ...expected, body }),
      });
      if (decided) expect([exchange.name, shapeOf(answer)]).not.toEqual([exchange.name, shapeOf(response)]);
      if (decided?.letsIn !== undefined) {
        expect((await send(url, { method: 'DELETE', path: decided.letsIn, headers: {}, body: null })).status).toBe(200);
      }
      nextPage = (answer.body as { NextPage?: string } | null)?.NextPage ?? nextPage;
    }
  });

  test.skipIf(!data)('differ only where it is decided', () => {
    const decisions = readFileSync(contract, 'utf8').split('## Decisions')[1]!.split('\n');
    const lines = Object.values(DECIDED_DIFFERENCES).flatMap((difference) => difference.lines);
    expect(lines.filter((line) => !decisions.some((row) => row.startsWith(`| ${line} |`)))).toEqual([]);
  });
});

/** With the layers and their server where they are here. */
function localised(exchange: Exchange, { layers, port }: { readonly layers: string; readonly port: number }): Exchange {
  const text = JSON.stringify(exchange).replaceAll('LAYERS', layers).replaceAll(':18081', `:${port}`);
  return JSON.parse(text) as Exchange;
}

function readExchanges(): readonly Exchange[] {
  const folder = join(data!.un, 'clair-v1', 'golden');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 3)),
      name: basename(file, '.json'),
      ...JSON.parse(readFileSync(join(folder, file), 'utf8')),
    }));
}

/** What is compared: what has no order is put into one, and the order of an object's keys counts. */
function shapeOf({ status, headers, body }: GoldenResponse): object {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const shown = Object.fromEntries(HEADERS.map((name) => [name, lower[name.toLowerCase()]]));
  return { status, headers: shown, body: JSON.stringify(ordered(body), undefined, 1) };
}

/** Features, their vulnerabilities, fixes and namespaces come in any order; a page of vulnerabilities does not. */
function ordered(value: unknown, path = ''): unknown {
  // A token is another one each time.
  if (path === '.NextPage') return typeof value;
  if (Array.isArray(value)) {
    const items = value.map((item) => ordered(item, `${path}[]`));
    if (path === '.Vulnerabilities') return items;
    return items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, ordered(member, `${path}.${name}`)]));
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function send(url: string, { method, path, headers, body }: Exchange['request']): Promise<GoldenResponse> {
  const { hostname: host, port } = new URL(url);
  const sent = Promise.withResolvers<GoldenResponse>();
  const request = ask({ host, port, method, path, headers }, async (response) => {
    const bytes = await buffer(response);
    const isPacked = response.headers['content-encoding'] === 'gzip';
    sent.resolve({
      status: response.statusCode ?? 0,
      headers: response.headers as GoldenResponse['headers'],
      body: bodyOf((isPacked ? gunzipSync(bytes) : bytes).toString()),
    });
  });
  request.on('error', sent.reject);
  request.end(bytesOf(body));
  return sent.promise;
}

/** A body as it was sent; of a large one only its size and its beginning are recorded. */
function bytesOf(body: unknown): string | undefined {
  if (body === null || typeof body === 'string') return body ?? undefined;
  const { bytes, head } = body as { readonly bytes?: number; readonly head?: string };
  if (bytes === undefined || head === undefined) return JSON.stringify(body);
  return `${head}ormat": "${'D'.repeat(bytes - head.length - 14)}"}}`;
}

/** The layers' server of the recording. */
async function serveLayers(folder: string): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const [, action, name = ''] = (request.url ?? '').split('?', 1)[0]!.split('/');
    const file = join(folder, basename(name || (action ?? '')));
    if (action === 'status') response.writeHead(Number(name)).end();
    else if (action === 'auth' && request.headers.authorization !== 'Bearer s3cret') response.writeHead(401).end();
    else if (action === 'redirect') response.writeHead(302, { location: `/${name}` }).end();
    else if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
