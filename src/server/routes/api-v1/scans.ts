import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import type { JobPayload } from '../../../jobs/job-payload.ts';
import { ScannerError } from '../../../model/errors.ts';
import { readSourceChoice } from '../../../scan/source-choice.ts';
import {
  judgementList,
  multipartSubmission,
  type ScanSubmission,
  type ScanView,
  scanAccepted,
  scanList,
  scanSubmission,
  scanView,
} from '../../../wire/api-v1/schemas.ts';
import { MAX_SBOM_BYTES } from '../../../wire/jobs-v1/schemas.ts';
import type { NewScan, Scan, Scans } from '../../usecases/scans.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow, maxBody, timeOf } from './api-context.ts';
import { errors, jobPath, json, page } from './openapi-parts.ts';

/** Renders a stored report, which is untrusted bytes, apart from the process that serves. */
export type RenderReport = (
  report: { readonly gzip: AsyncIterable<Uint8Array>; readonly madeAt: Date },
  format: string,
) => Promise<{ readonly mediaType: string; readonly body: ReadableStream<Uint8Array> }>;

export interface ScanRoutes {
  readonly scans: Scans;
  readonly tokens: Tokens;
  readonly renderReport: RenderReport;
}

/** A document in base64 inside JSON, with some room for the rest. */
const MAX_SUBMISSION_BYTES = Math.ceil(MAX_SBOM_BYTES * 1.4);
/** What a runner delivered is no page, whatever it holds. */
const NO_SNIFFING = { 'x-content-type-options': 'nosniff' };
const EVENT_PERIOD_MS = 1000;

type AddRoute = (
  api: OpenAPIHono<ApiContext>,
  routes: Omit<ScanRoutes, 'tokens'> & { readonly middleware: MiddlewareHandler<ApiContext>[] },
) => void;

/** What submitters of scans ask. */
export function addScanRoutes(api: OpenAPIHono<ApiContext>, { tokens, ...parts }: ScanRoutes): void {
  const middleware = [allow(tokens, 'create-scan', 'admin')];
  for (const add of [addSubmit, addList, addFind, addCancel, addReport, addJudgements, addEvents])
    add(api, { ...parts, middleware });
}

const addSubmit: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/scans',
      summary: 'Submit a scan, as JSON or multipart (parts `scan`: JSON, `sbom`: the document)',
      middleware: [...middleware, maxBody(MAX_SUBMISSION_BYTES)],
      request: { headers: z.object({ 'idempotency-key': z.string().min(1).max(256).optional() }) },
      responses: { 202: json(scanAccepted), ...errors(400, 401, 403, 413, 422, 503) },
    }),
    async (context) => {
      const { 'idempotency-key': key } = context.req.valid('header');
      const scan = await readSubmission(context.req.raw);
      const { id, job } = await scans.submit(scan, context.var.bearer, key);
      return context.json({ id, state: job.state }, 202);
    },
  );
};

const addList: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/scans',
      summary: 'Scans, the newest first',
      middleware,
      request: { query: page },
      responses: { 200: json(scanList), ...errors(400, 401, 403, 422, 503) },
    }),
    async (context) => {
      const { limit, after } = context.req.valid('query');
      const found = await scans.list(context.var.bearer, { limit, ...(after !== undefined && { after }) });
      const { next } = found;
      return context.json({ scans: found.scans.map(viewOf), ...(next !== undefined && { next }) }, 200);
    },
  );
};

const addFind: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/scans/{id}',
      summary: 'A scan and how far it is',
      middleware,
      request: { params: jobPath },
      responses: { 200: json(scanView), ...errors(401, 403, 404, 503) },
    }),
    async (context) => context.json(viewOf(await scans.find(context.req.valid('param').id, context.var.bearer)), 200),
  );
};

const addCancel: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'delete',
      path: '/scans/{id}',
      summary: 'Cancel a scan',
      middleware,
      request: { params: jobPath },
      responses: { 204: { description: 'cancelled' }, ...errors(401, 403, 404, 409, 503) },
    }),
    async (context) => {
      await scans.cancel(context.req.valid('param').id, context.var.bearer);
      return context.body(null, 204);
    },
  );
};

const reportQuery = z.object({
  format: z.string().max(64).default('json'),
  judgement: z.coerce.number().int().min(0).optional(),
});

const addReport: AddRoute = (api, { scans, renderReport, middleware }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/scans/{id}/report',
      summary: "The latest report, or that of a judgement (0: its runner's), in a format of `cvescan scan -o`",
      middleware,
      request: { params: jobPath, query: reportQuery },
      responses: { 200: { description: 'the report' }, ...errors(400, 401, 403, 404, 409, 503) },
    }),
    async (context) => {
      const { format, judgement } = context.req.valid('query');
      const report = await scans.report(context.req.valid('param').id, context.var.bearer, judgement);
      if (format !== 'json') {
        const { mediaType, body } = await renderReport(report, format);
        return context.body(body, 200, { 'content-type': mediaType, ...NO_SNIFFING });
      }
      const unpacked = Readable.from(report.gzip).pipe(createGunzip());
      const body = Readable.toWeb(unpacked) as ReadableStream<Uint8Array>;
      return context.body(body, 200, { 'content-type': 'application/json', ...NO_SNIFFING });
    },
  );
};

const addJudgements: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/scans/{id}/judgements',
      summary: 'What later advisories changed of a stored scan, the newest first',
      middleware,
      request: { params: jobPath },
      responses: { 200: json(judgementList), ...errors(401, 403, 404, 503) },
    }),
    async (context) => {
      const judgements = await scans.judgements(context.req.valid('param').id, context.var.bearer);
      const views = judgements.map(({ number, snapshotId, judgedAtMs, counts, changes }) => ({
        ...{ number, snapshot_id: snapshotId, judged_at: timeOf(judgedAtMs), counts: { ...counts } },
        changes: changes.map(({ fields, ...change }) => ({ ...change, ...(fields && { fields: [...fields] }) })),
      }));
      return context.json({ judgements: views }, 200);
    },
  );
};

const addEvents: AddRoute = (api, { scans, middleware }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/scans/{id}/events',
      summary: 'What happens to a scan, as server-sent events `state`, until it has ended',
      middleware,
      request: { params: jobPath },
      responses: { 200: { description: 'text/event-stream' }, ...errors(401, 403, 404, 503) },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { bearer } = context.var;
      let scan = await scans.find(id, bearer);
      return streamSSE(context, async (stream) => {
        for (let told = ''; !stream.aborted; ) {
          const data = JSON.stringify(viewOf(scan));
          if (data !== told) await stream.writeSSE({ event: 'state', data });
          told = data;
          if (scan.job.endedAtMs !== undefined) return;
          await stream.sleep(EVENT_PERIOD_MS);
          scan = await scans.find(id, bearer);
        }
      });
    },
  );
};

/** @throws ScannerError `request.malformed`, `request.invalid`. */
async function readSubmission(request: Request): Promise<NewScan> {
  const type = request.headers.get('content-type') ?? '';
  return type.startsWith('multipart/form-data') ? readMultipart(request) : readJson(request);
}

async function readJson(request: Request): Promise<NewScan> {
  const { target, ...settings } = checked(scanSubmission, parseJson(await request.text()));
  if (!('content' in target)) return newScan(settings, { target });
  const { content, sha256, format } = target;
  const payload = { bytes: Buffer.from(content, 'base64'), sha256, ...(format !== undefined && { format }) };
  return newScan(settings, { target: targetOf(payload), payload });
}

async function readMultipart(request: Request): Promise<NewScan> {
  const form = await request.formData().catch((cause: unknown) => {
    throw new ScannerError('request.malformed', 'the body is no multipart/form-data', {}, { cause });
  });
  const [stated, sbom] = [form.get('scan'), form.get('sbom')];
  if (typeof stated !== 'string')
    throw new ScannerError('request.invalid', 'scan: a part with JSON', { field: 'scan' });
  if (sbom === null) throw new ScannerError('request.invalid', 'sbom: a part with the document', { field: 'sbom' });
  const { format, ...settings } = checked(multipartSubmission, parseJson(stated));
  const document = typeof sbom === 'string' ? Buffer.from(sbom) : Buffer.from(await sbom.arrayBuffer());
  if (document.length > MAX_SBOM_BYTES) {
    const limit = { limit: 'maxSbomBytes', value: MAX_SBOM_BYTES };
    throw new ScannerError('request.too-large', `the document is above ${MAX_SBOM_BYTES} bytes`, limit);
  }
  const sha256 = createHash('sha256').update(document).digest('hex');
  const payload = { bytes: await promisify(gzip)(document), sha256, ...(format !== undefined && { format }) };
  return newScan(settings, { target: targetOf(payload), payload });
}

function targetOf({ sha256, format }: JobPayload) {
  return { kind: 'sbom' as const, sha256, ...(format !== undefined && { format }) };
}

type Settings = Omit<ScanSubmission, 'target'>;

function newScan(
  { name, options, priority, timeout_seconds: seconds }: Settings,
  { target, payload }: { readonly target: unknown; readonly payload?: JobPayload },
): NewScan {
  checkSources(options);
  return { name, work: { name, target, options }, priority, timeoutMs: seconds * 1000, ...(payload && { payload }) };
}

/** What no runner could do is not taken. @throws ScannerError `request.invalid`. */
function checkSources({ detection, consolidation }: Settings['options']): void {
  try {
    readSourceChoice(detection?.join(','), consolidation?.join(','));
  } catch (cause) {
    if (!(cause instanceof ScannerError)) throw cause;
    throw new ScannerError('request.invalid', `options: ${cause.message}`, { field: 'options' }, { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ScannerError('request.malformed', 'the body is no JSON', {}, { cause });
  }
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.map(String).join('.') ?? '';
  throw new ScannerError('request.invalid', `${field || 'the body'}: ${issue?.message ?? 'is wrong'}`, { field });
}

function viewOf({ id, name, createdAtMs, job, judgement }: Scan): ScanView {
  const { endedAtMs, progress, error, result } = job;
  const { snapshotId, counts } = judgement ?? result ?? {};
  return {
    ...{ id, name, state: job.state, job_id: job.id, created_at: timeOf(createdAtMs) },
    ...(endedAtMs !== undefined && { ended_at: timeOf(endedAtMs) }),
    ...(snapshotId !== undefined && { snapshot_id: snapshotId }),
    ...(counts && { counts }),
    ...(progress && { progress }),
    ...(error && { error }),
    ...(judgement && { judged_at: timeOf(judgement.judgedAtMs) }),
  };
}
