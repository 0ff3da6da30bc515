import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import type { JobQueue } from '../../../jobs/job-queue.ts';
import { ScannerError } from '../../../model/errors.ts';
import {
  LEASE_TOKEN_HEADER,
  leaseAnswer,
  leaseRequest,
  MAX_BODY_BYTES,
  MAX_REPORT_BYTES,
  MAX_UNPACKED_REPORT_BYTES,
  progressRequest,
  releaseRequest,
  renewAnswer,
  renewRequest,
  reportAnswer,
  resultRequest,
} from '../../../wire/jobs-v1/schemas.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow, maxBody, timeOf } from './api-context.ts';
import { errors, jobPath, json, jsonBody } from './openapi-parts.ts';

/** What the routes stand on. */
interface RunnerRoutes {
  readonly queue: JobQueue;
  /** Of routes with a JSON body; the others have limits of their own. */
  readonly middleware: MiddlewareHandler<ApiContext>[];
  readonly isRunner: MiddlewareHandler<ApiContext>;
}

type AddRoute = (api: OpenAPIHono<ApiContext>, routes: RunnerRoutes) => void;

const leaseHeader = z.object({ [LEASE_TOKEN_HEADER]: z.string().max(64) });

/** What runners ask of the queue. */
export function addRunnerRoutes(
  api: OpenAPIHono<ApiContext>,
  { queue, tokens }: { readonly queue: JobQueue; readonly tokens: Tokens },
): void {
  const isRunner = allow(tokens, 'runner');
  const middleware = [isRunner, maxBody(MAX_BODY_BYTES)];
  const routes = [addLease, addPayload, addReport, addRenew, addProgress, addResult, addRelease];
  for (const add of routes) add(api, { queue, middleware, isRunner });
}

const addLease: AddRoute = (api, { queue, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/lease',
      summary: 'Ask for a job',
      middleware,
      request: { body: jsonBody(leaseRequest) },
      responses: {
        200: json(leaseAnswer),
        204: { description: 'nothing is pending' },
        ...errors(401, 403, 413, 422, 503),
      },
    }),
    async (context) => {
      const { request_id: requestId, types, wait_seconds: waitSeconds } = context.req.valid('json');
      const wish = { runner: context.var.bearer.id, requestId, types };
      const leased = await queue.lease(wish, { waitMs: waitSeconds * 1000, signal: context.req.raw.signal });
      if (!leased) return context.body(null, 204);
      // Who asked has gone meanwhile: nobody would hear of the lease.
      if (context.req.raw.signal.aborted) {
        await queue.release(leased.id, { runner: wish.runner, token: leased.lease.token });
        return context.body(null, 204);
      }
      const { lease, id, type, attempt, deadlineMs, work, restMs } = leased;
      const job = { id, type, attempt, deadline: timeOf(deadlineMs), ...(work as object) };
      const told = { token: lease.token, expires_at: timeOf(lease.expiresAtMs), duration_seconds: restMs / 1000 };
      return context.json(leaseAnswer.parse({ job, lease: told }), 200);
    },
  );
};

const addPayload: AddRoute = (api, { queue, isRunner }) => {
  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs/{id}/payload',
      summary: 'The document of a leased job, gzip',
      middleware: [isRunner],
      request: { params: jobPath, headers: leaseHeader },
      responses: { 200: { description: 'gzip; headers Sbom-Format, Sbom-Sha256' }, ...errors(401, 403, 404, 409, 503) },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const token = context.req.valid('header')[LEASE_TOKEN_HEADER]!;
      const { bytes, format, sha256 } = await queue.payload(id, { runner: context.var.bearer.id, token });
      return context.body(new Uint8Array(bytes), 200, {
        'content-type': 'application/gzip',
        'sbom-sha256': sha256,
        ...(format !== undefined && { 'sbom-format': format }),
      });
    },
  );
};

const addReport: AddRoute = (api, { queue, isRunner }) => {
  api.openapi(
    createRoute({
      method: 'put',
      path: '/jobs/{id}/report',
      summary: 'Deliver the report of a leased job, gzip',
      middleware: [isRunner],
      request: { params: jobPath, headers: leaseHeader },
      responses: { 200: json(reportAnswer), ...errors(401, 403, 404, 409, 413, 422, 503) },
    }),
    async (context) => {
      const { id } = context.req.valid('param');
      const { body } = context.req.raw;
      if (!body) throw new ScannerError('report.malformed', 'there is no report in the request');
      const token = context.req.valid('header')[LEASE_TOKEN_HEADER]!;
      const limits = { maxReportBytes: MAX_REPORT_BYTES, maxUnpackedReportBytes: MAX_UNPACKED_REPORT_BYTES };
      const sha256 = await queue.receiveReport(id, { runner: context.var.bearer.id, token }, { body, limits });
      return context.json({ sha256 }, 200);
    },
  );
};

const addRenew: AddRoute = (api, { queue, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/renew',
      summary: 'Make a lease longer',
      middleware,
      request: { params: jobPath, body: jsonBody(renewRequest) },
      responses: { 200: json(renewAnswer), ...errors(401, 403, 404, 409, 413, 422, 503) },
    }),
    async (context) => {
      const { lease_token: token } = context.req.valid('json');
      const expiresAtMs = await queue.renew(context.req.valid('param').id, { token, runner: context.var.bearer.id });
      return context.json({ expires_at: timeOf(expiresAtMs) }, 200);
    },
  );
};

const addProgress: AddRoute = (api, { queue, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/progress',
      summary: 'Say how far a job is',
      middleware,
      request: { params: jobPath, body: jsonBody(progressRequest) },
      responses: { 204: { description: 'noted' }, ...errors(401, 403, 404, 409, 413, 422, 503) },
    }),
    async (context) => {
      const { lease_token: token, ...progress } = context.req.valid('json');
      await queue.progress(context.req.valid('param').id, { token, runner: context.var.bearer.id }, progress);
      return context.body(null, 204);
    },
  );
};

const addResult: AddRoute = (api, { queue, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/result',
      summary: 'Deliver the result of a leased job',
      middleware,
      request: { params: jobPath, body: jsonBody(resultRequest) },
      responses: { 200: { description: 'stored, once' }, ...errors(401, 403, 404, 409, 413, 422, 503) },
    }),
    async (context) => {
      const result = context.req.valid('json');
      const claim = { token: result.lease_token, runner: context.var.bearer.id };
      await queue.result(context.req.valid('param').id, claim, {
        outcome: result.status === 'failed' ? { status: 'failed', error: result.error } : { status: 'succeeded' },
        ...('report_sha256' in result && result.report_sha256 !== undefined && { reportSha256: result.report_sha256 }),
        ...(result.snapshot_id !== undefined && { snapshotId: result.snapshot_id }),
        ...(result.counts !== undefined && { counts: result.counts }),
      });
      return context.body(null, 200);
    },
  );
};

const addRelease: AddRoute = (api, { queue, middleware }) => {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/release',
      summary: 'Give a job back unharmed',
      middleware,
      request: { params: jobPath, body: jsonBody(releaseRequest) },
      responses: { 204: { description: 'pending again' }, ...errors(401, 403, 404, 409, 413, 422, 503) },
    }),
    async (context) => {
      const { lease_token: token } = context.req.valid('json');
      await queue.release(context.req.valid('param').id, { token, runner: context.var.bearer.id });
      return context.body(null, 204);
    },
  );
};
