import { ScannerError } from '../../model/errors.ts';
import type { JsonApi, JsonRequest } from '../../platform/json-api.ts';
import { asFields } from '../../platform/json-values.ts';
import { readLayer, readNotification, readVulnerability } from './read-answer.ts';
import type { ClairLayer, ClairNotification, ClairVulnerability } from './types.ts';

/** A layer to be posted. */
export interface LayerToPost {
  readonly Name: string;
  /** URL that the server can fetch, or a file of the server's. */
  readonly Path: string;
  readonly Format: string;
  readonly ParentName?: string;
  readonly Headers?: Readonly<Record<string, string>>;
}

/** One page of a namespace's vulnerabilities. */
export interface VulnerabilityPage {
  readonly vulnerabilities: readonly ClairVulnerability[];
  readonly nextPage?: string;
}

/**
 * A client of any server that speaks Clair's API, version 1. Every call throws what `JsonApi.call` throws.
 * Source: Clair v2.0.9, `api/v1/README.md`.
 */
export class ClairClient {
  readonly #api: JsonApi;

  constructor(api: JsonApi) {
    this.#api = api;
  }

  /** @returns the engine's version that analysed it. */
  async postLayer(layer: LayerToPost): Promise<number | undefined> {
    const body = { Layer: layer };
    return readLayer(await this.#envelope('Layer', { method: 'POST', path: '/v1/layers', body })).IndexedByVersion;
  }

  /** @param show `allLayers` is ours: other servers overlook it. */
  async getLayer(name: string, show: readonly ('features' | 'vulnerabilities' | 'allLayers')[]): Promise<ClairLayer> {
    const query = show.length === 0 ? '' : `?${show.join('&')}`;
    return readLayer(await this.#envelope('Layer', { method: 'GET', path: `/v1/layers/${segment(name)}${query}` }));
  }

  async deleteLayer(name: string): Promise<void> {
    await this.#api.call({ method: 'DELETE', path: `/v1/layers/${segment(name)}` });
  }

  /** @param page absent for the first. */
  async listVulnerabilities(namespace: string, limit: number, page?: string): Promise<VulnerabilityPage> {
    const query = new URLSearchParams({ limit: String(limit), ...(page !== undefined && { page }) });
    const path = `/v1/namespaces/${segment(namespace)}/vulnerabilities?${query}`;
    const answer = await this.#api.call({ method: 'GET', path });
    const { NextPage: nextPage } = asFields(answer);
    return {
      vulnerabilities: listIn(answer, 'Vulnerabilities').map(readVulnerability),
      ...(typeof nextPage === 'string' && nextPage !== '' && { nextPage }),
    };
  }

  async getVulnerability(namespace: string, name: string): Promise<ClairVulnerability> {
    const path = `${vulnerabilityPath(namespace, name)}?fixedIn`;
    return readVulnerability(await this.#envelope('Vulnerability', { method: 'GET', path }));
  }

  /** Adds a vulnerability, or replaces the one of its name and adds to its fixes. */
  async postVulnerability(namespace: string, vulnerability: ClairVulnerability): Promise<void> {
    const path = `/v1/namespaces/${segment(namespace)}/vulnerabilities`;
    await this.#api.call({ method: 'POST', path, body: { Vulnerability: vulnerability } });
  }

  async deleteVulnerability(namespace: string, name: string): Promise<void> {
    await this.#api.call({ method: 'DELETE', path: vulnerabilityPath(namespace, name) });
  }

  /** Takes back what was changed by hand, so that the feed's own statement counts again. Not in Clair. */
  async resetVulnerability(namespace: string, name: string): Promise<void> {
    const path = `/api/v1/vulnerabilities/${segment(namespace)}/${segment(name)}`;
    await this.#api.call({ method: 'DELETE', path });
  }

  /** @param limit layers of a page. */
  async getNotification(name: string, limit: number, page?: string): Promise<ClairNotification> {
    const query = new URLSearchParams({ limit: String(limit), ...(page !== undefined && { page }) });
    const path = `/v1/notifications/${segment(name)}?${query}`;
    return readNotification(await this.#envelope('Notification', { method: 'GET', path }));
  }

  /** Says that it was read: it is not sent again. */
  async deleteNotification(name: string): Promise<void> {
    await this.#api.call({ method: 'DELETE', path: `/v1/notifications/${segment(name)}` });
  }

  async #envelope(key: 'Layer' | 'Vulnerability' | 'Notification', request: JsonRequest): Promise<unknown> {
    const value = asFields(await this.#api.call(request))[key];
    if (typeof value === 'object' && value !== null) return value;
    throw new ScannerError(
      'endpoint.malformed',
      `the answer to ${request.method} ${request.path} holds no ${key}: is it a server with Clair's API, version 1?`,
    );
  }
}

const vulnerabilityPath = (namespace: string, name: string): string =>
  `/v1/namespaces/${segment(namespace)}/vulnerabilities/${segment(name)}`;

const segment = (name: string): string => encodeURIComponent(name);

/** Clair writes an empty list as null. */
function listIn(answer: unknown, key: string): readonly unknown[] {
  const list = asFields(answer)[key];
  if (Array.isArray(list)) return list;
  if (list === null) return [];
  const message = `the answer holds no ${key}: is it a server with Clair's API, version 1?`;
  throw new ScannerError('endpoint.malformed', message);
}
