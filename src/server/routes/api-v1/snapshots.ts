import { Readable } from 'node:stream';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { ScannerError } from '../../../model/errors.ts';
import type { PublishedArchive, SnapshotArchives } from '../../snapshots/snapshot-archives.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow } from './api-context.ts';
import { errors, jobPath } from './openapi-parts.ts';

const archive = {
  description: 'the archive; headers ETag, Snapshot-Id, Snapshot-Sequence',
  content: { 'application/zstd': { schema: { type: 'string', format: 'binary' } as const } },
};
const responses = {
  200: archive,
  206: { ...archive, description: 'the part of it that `Range` asks for' },
  304: { description: 'the one of `If-None-Match`' },
  416: { description: 'it is shorter than that' },
  ...errors(401, 403, 404, 503),
};

/** The advisory database, for runners: they read their server's, not the publishers' feeds. */
export function addSnapshotRoutes(
  api: OpenAPIHono<ApiContext>,
  { snapshots, tokens }: { readonly snapshots: SnapshotArchives; readonly tokens: Tokens },
): void {
  const middleware = [allow(tokens, 'runner', 'admin')];
  api.openapi(
    createRoute({
      method: 'get',
      path: '/snapshots/current',
      summary: 'The snapshot that is served',
      middleware,
      responses,
    }),
    async (context) => answer(context, await snapshots.find()),
  );
  api.openapi(
    createRoute({
      method: 'get',
      path: '/snapshots/{id}',
      summary: 'A snapshot by its id, while it is kept',
      middleware,
      request: { params: jobPath },
      responses,
    }),
    async (context) => answer(context, await snapshots.find(context.req.valid('param').id)),
  );
}

/** One range at most, as RFC 9110 section 14 has it. @throws ScannerError `resource.not-found`. */
function answer(context: Context, found: PublishedArchive | undefined): Response {
  if (!found) throw new ScannerError('resource.not-found', 'there is no such snapshot');
  const { id, sequence, sha256, sizeBytes } = found;
  const etag = `"${sha256}"`;
  const headers = {
    etag,
    'snapshot-id': id,
    'snapshot-sequence': String(sequence),
    'accept-ranges': 'bytes',
    'content-type': 'application/zstd',
  };
  if (context.req.header('if-none-match')?.split(/ *, */).includes(etag)) {
    return new Response(null, { status: 304, headers });
  }
  const range = rangeOf(context, etag, sizeBytes);
  if (range === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${sizeBytes}` } });
  }
  const [start, end] = range ?? [0, sizeBytes];
  const partial = range && { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` };
  const body = Readable.toWeb(Readable.from(found.read(start, end))) as ReadableStream<Uint8Array>;
  return new Response(body, {
    status: range ? 206 : 200,
    headers: { ...headers, ...partial, 'content-length': String(end - start) },
  });
}

/** @returns from and up to; undefined: the whole, also where the range is of another archive or of a form that we have not. */
function rangeOf(
  context: Context,
  etag: string,
  sizeBytes: number,
): readonly [number, number] | 'unsatisfiable' | undefined {
  const condition = context.req.header('if-range');
  if (condition !== undefined && condition !== etag) return undefined;
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(context.req.header('range') ?? '') ?? [];
  if (from === undefined || (from === '' && to === '')) return undefined;
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes : Math.min(sizeBytes, Number(to) + 1);
  if (start >= sizeBytes || start >= end) return 'unsatisfiable';
  return [start, end];
}
