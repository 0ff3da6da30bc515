import { randomUUID } from 'node:crypto';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { JobQueue } from '../../../jobs/job-queue.ts';
import type { State } from '../../../state/state.ts';
import { updateAccepted, updateSubmission } from '../../../wire/api-v1/schemas.ts';
import { MAX_BODY_BYTES } from '../../../wire/jobs-v1/schemas.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow, maxBody } from './api-context.ts';
import { errors, json, jsonBody } from './openapi-parts.ts';

/** Tells every live runner to refresh its data sources. */
export function addUpdateRoutes(
  api: OpenAPIHono<ApiContext>,
  { queue, tokens, state }: { readonly queue: JobQueue; readonly tokens: Tokens; readonly state: State },
): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/updates',
      summary: 'One update job for each live runner',
      middleware: [allow(tokens, 'admin'), maxBody(MAX_BODY_BYTES)],
      request: { body: jsonBody(updateSubmission) },
      responses: { 202: json(updateAccepted), ...errors(401, 403, 413, 422, 503) },
    }),
    async (context) => {
      const options = context.req.valid('json');
      const runners = await queue.liveRunners();
      const jobs = runners.map((forRunner) => ({
        id: randomUUID(),
        type: 'update' as const,
        work: { options },
        forRunner,
      }));
      await state.write(async (tx) => {
        for (const job of jobs) await queue.submit(tx, { ...job, submitter: context.var.bearer.id });
      });
      queue.announce();
      return context.json({ jobs: jobs.map(({ id }) => id) }, 202);
    },
  );
}
