import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that behaves like api.osv.dev: at most 1,000 questions, pages of two records, records by id. */
export class FakeOsv {
  readonly records = new Map<string, object>();
  readonly batchSizes: number[] = [];
  readonly fetched: string[] = [];
  readonly versions: string[] = [];
  /** Answers this in place of an answer. */
  refuse: ((path: string) => number | undefined) | undefined;
  url = '';
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  add(id: string, ecosystem: string, name: string, more: object = {}): void {
    const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }];
    this.records.set(id, {
      ...{ id, modified: '2024-01-01T00:00:00Z', affected: [{ package: { ecosystem, name }, ranges }] },
      ...more,
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const refused = this.refuse?.(path);
    if (refused !== undefined) return void response.writeHead(refused).end();
    if (path === '/v1/querybatch') {
      const body = Buffer.concat((await Array.fromAsync(request)) as Buffer[]).toString();
      const { queries } = JSON.parse(body) as { queries: Query[] };
      this.batchSizes.push(queries.length);
      this.versions.push(...queries.map(({ version }) => version));
      if (queries.length > 1000 || queries.some(({ package: { name } }) => name === 'odd name'))
        return void response.writeHead(400).end();
      return void response.end(JSON.stringify({ results: queries.map((query) => this.#page(query)) }));
    }
    const id = decodeURIComponent(path.slice('/v1/vulns/'.length));
    this.fetched.push(id);
    const record = this.records.get(id);
    response.writeHead(record ? 200 : 404).end(JSON.stringify(record ?? { code: 5 }));
  }

  #page({ package: { ecosystem, name }, page_token: token = '0' }: Query): object {
    const ids = [...this.records.values()]
      .filter((record) => JSON.stringify(record).includes(JSON.stringify({ ecosystem, name }).slice(1, -1)))
      .map((record) => record as { id: string; modified: string });
    const start = Number(token);
    const vulns = ids.slice(start, start + 2).map(({ id, modified }) => ({ id, modified }));
    if (vulns.length === 0) return {};
    return { vulns, ...(ids.length > start + 2 && { next_page_token: String(start + 2) }) };
  }
}

interface Query {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly version: string;
  readonly page_token?: string;
}
