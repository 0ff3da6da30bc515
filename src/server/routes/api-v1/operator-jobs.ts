import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { JobDetails } from '../../../jobs/job-details.ts';
import type { JobQueue } from '../../../jobs/job-queue.ts';
import { ScannerError } from '../../../model/errors.ts';
import { JOB_STATES } from '../../../model/job.ts';
import { type JobView, job, jobList } from '../../../wire/jobs-v1/schemas.ts';
import type { Bearer, Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow, timeOf } from './api-context.ts';
import { errors, jobPath, json, page } from './openapi-parts.ts';

/** What submitters ask of their own jobs, and administrators of all. */
export function addOperatorRoutes(
  api: OpenAPIHono<ApiContext>,
  { queue, tokens }: { readonly queue: JobQueue; readonly tokens: Tokens },
): void {
  const middleware = [allow(tokens, 'admin', 'create-scan')];

  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs',
      summary: 'Jobs, the newest first',
      middleware,
      request: { query: page.extend({ state: z.enum(JOB_STATES).optional() }) },
      responses: { 200: json(jobList), ...errors(400, 401, 403, 422, 503) },
    }),
    async (context) => {
      const { limit, after, state } = context.req.valid('query');
      const { bearer } = context.var;
      const { jobs, next } = await queue.list({
        limit,
        ...(bearer.permission !== 'admin' && { submitter: bearer.id }),
        ...(after !== undefined && { after }),
        ...(state !== undefined && { state }),
      });
      return context.json({ jobs: jobs.map(jobView), ...(next !== undefined && { next }) }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/jobs/{id}',
      summary: 'A job with its attempts',
      middleware,
      request: { params: jobPath },
      responses: { 200: json(job), ...errors(401, 403, 404, 503) },
    }),
    async (context) =>
      context.json(jobView(await ownJob(queue, context.req.valid('param').id, context.var.bearer)), 200),
  );

  for (const action of ['cancel', 'retry'] as const) {
    api.openapi(
      createRoute({
        method: 'post',
        path: `/jobs/{id}/${action}`,
        summary: action === 'cancel' ? 'End a job that has not ended' : 'Try a failed or cancelled job again',
        middleware,
        request: { params: jobPath },
        responses: { 200: json(job), ...errors(401, 403, 404, 409, 503) },
      }),
      async (context) => {
        const { id } = await ownJob(queue, context.req.valid('param').id, context.var.bearer);
        await queue[action](id);
        return context.json(jobView(await queue.details(id)), 200);
      },
    );
  }
}

/** Somebody else's job is not there. */
async function ownJob(queue: JobQueue, id: string, bearer: Bearer): Promise<JobDetails> {
  const details = await queue.details(id);
  if (bearer.permission === 'admin' || details.submitter === bearer.id) return details;
  throw new ScannerError('job.not-found', `there is no job ${id}`, { id });
}

function jobView(details: JobDetails): JobView {
  const { id, type, state, priority, attemptCount, progress, error } = details;
  return {
    ...{ id, type, state, priority, attempt: attemptCount },
    created_at: timeOf(details.createdAtMs),
    deadline: timeOf(details.deadlineMs),
    ...(details.endedAtMs !== undefined && { ended_at: timeOf(details.endedAtMs) }),
    ...(progress && { progress }),
    ...(error && { error }),
    attempts: details.attempts.map(({ number, runner, startedAtMs, endedAtMs, ending, reason }) => ({
      number,
      runner,
      started_at: timeOf(startedAtMs),
      ...(endedAtMs !== undefined && { ended_at: timeOf(endedAtMs) }),
      ...(ending !== undefined && { ending }),
      ...(reason !== undefined && { reason }),
    })),
  };
}
