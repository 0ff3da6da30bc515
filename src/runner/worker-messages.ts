import type { JobsClientOptions } from '../wire/jobs-v1/client.ts';
import type { Work } from './workers.ts';

/** What a worker process is told at its start. Plain data; the token travels so too, as environments and arguments are seen by others. */
export interface WorkerSetup {
  readonly connection: JobsClientOptions;
  readonly databaseDirectory: string;
  readonly cacheDirectory: string;
  /** Where updates come from. */
  readonly from: 'server' | 'publishers';
  /** Publishers' feeds, as `datasources` of the configuration has them. */
  readonly mirror?: string;
  readonly sources: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** From where a job may name an image. */
  readonly localPaths: readonly string[];
  readonly allowUrls: readonly string[];
}

export type ToWorker =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  | { readonly kind: 'work'; readonly work: Work }
  /** The lease's lock is the worker's, for one attempt. */
  | { readonly kind: 'locked'; readonly restMs: number };

export type FromWorker =
  | { readonly kind: 'lock' }
  | { readonly kind: 'unlock' }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'done'; readonly failure?: string };
