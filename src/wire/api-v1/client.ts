import type { z } from 'zod';
import { ScannerError } from '../../model/errors.ts';
import type { JsonApi, JsonRequest } from '../../platform/json-api.ts';
import { type JobView, job, jobList } from '../jobs-v1/schemas.ts';
import {
  type ScanView,
  scanAccepted,
  scanList,
  type scanSubmission,
  scanView,
  type TokenRequest,
  type TokenView,
  tokenCreated,
  tokenList,
} from './schemas.ts';

/** Up to so many; the server gives them by pages, the newest first. */
export interface ListWish {
  readonly limit: number;
  /** Jobs only. */
  readonly state?: string | undefined;
}

const PAGE_COUNT = 1000;

/** Our own API as people and their pipelines call it. Throws what `JsonApi` throws, and `endpoint.malformed`. */
export class ApiV1Client {
  readonly #api: JsonApi;

  constructor(api: JsonApi) {
    this.#api = api;
  }

  async listJobs({ limit, state }: ListWish): Promise<readonly JobView[]> {
    const query: Record<string, string> = state === undefined ? {} : { state };
    return this.#pages('/jobs', { limit, query }, async (request) => {
      const { jobs, next } = await this.#ask(jobList, request);
      return { items: jobs, next };
    });
  }

  findJob = (id: string): Promise<JobView> => this.#ask(job, { method: 'GET', path: pathOf('jobs', id) });
  cancelJob = (id: string): Promise<JobView> =>
    this.#ask(job, { method: 'POST', path: `${pathOf('jobs', id)}/cancel` });
  retryJob = (id: string): Promise<JobView> => this.#ask(job, { method: 'POST', path: `${pathOf('jobs', id)}/retry` });

  async listScans({ limit }: ListWish): Promise<readonly ScanView[]> {
    return this.#pages('/scans', { limit, query: {} }, async (request) => {
      const { scans, next } = await this.#ask(scanList, request);
      return { items: scans, next };
    });
  }

  findScan = (id: string): Promise<ScanView> => this.#ask(scanView, { method: 'GET', path: pathOf('scans', id) });

  submitScan(submission: z.input<typeof scanSubmission>, key?: string): Promise<z.infer<typeof scanAccepted>> {
    const headers = key === undefined ? {} : { headers: { 'idempotency-key': key } };
    return this.#ask(scanAccepted, { method: 'POST', path: '/scans', body: submission, ...headers });
  }

  /** The report's text in a format of `cvescan scan -o`. */
  report(id: string, format: string): Promise<string> {
    const path = `${pathOf('scans', id)}/report?${new URLSearchParams({ format })}`;
    return this.#api.text({ method: 'GET', path: `/api/v1${path}` });
  }

  async listTokens(): Promise<readonly TokenView[]> {
    return (await this.#ask(tokenList, { method: 'GET', path: '/tokens' })).tokens;
  }

  addToken = (wish: TokenRequest): Promise<z.infer<typeof tokenCreated>> =>
    this.#ask(tokenCreated, { method: 'POST', path: '/tokens', body: wish });

  async revokeToken(which: string): Promise<void> {
    await this.#api.call({ method: 'DELETE', path: `/api/v1${pathOf('tokens', which)}` });
  }

  async #ask<Schema extends z.ZodType>(schema: Schema, request: JsonRequest): Promise<z.infer<Schema>> {
    const result = schema.safeParse(await this.#api.call({ ...request, path: `/api/v1${request.path}` }));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const place = issue?.path.map(String).join('.') ?? '';
    throw new ScannerError('endpoint.malformed', `the server answers in another form: ${place}: ${issue?.message}`);
  }

  async #pages<Item>(
    path: string,
    { limit, query }: { readonly limit: number; readonly query: Readonly<Record<string, string>> },
    ask: (request: JsonRequest) => Promise<{ readonly items: readonly Item[]; readonly next: string | undefined }>,
  ): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let after: string | undefined; found.length < limit; ) {
      const count = String(Math.min(PAGE_COUNT, limit - found.length));
      const search = new URLSearchParams({ ...query, limit: count, ...(after !== undefined && { after }) });
      const { items, next } = await ask({ method: 'GET', path: `${path}?${search}` });
      found.push(...items);
      if (next === undefined) break;
      after = next;
    }
    return found;
  }
}

const pathOf = (...parts: readonly string[]): string => parts.map((part) => `/${encodeURIComponent(part)}`).join('');
