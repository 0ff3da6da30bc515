import { z } from 'zod';
import { errorAnswer } from '../../../wire/jobs-v1/schemas.ts';

/** A JSON body that a request must have: without `required` one of another content type would go by unread. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { ...json(schema), required: true as const };
}

/** A JSON body of an answer, as a route of OpenAPI describes it. */
export function json<Schema extends z.ZodType>(schema: Schema, description = 'JSON') {
  return { description, content: { 'application/json': { schema } } };
}

const REASONS = {
  400: 'the request cannot be read',
  401: 'no valid token',
  403: 'a token of another permission',
  404: 'there is none',
  409: 'not in this state',
  413: 'the body is too large',
  422: 'a field is wrong; `error.field` names it',
  503: 'not now; Retry-After says when',
} as const;

/** Answers of the form `{error: {code, message}}`. */
export function errors<Status extends keyof typeof REASONS>(...statuses: readonly Status[]) {
  const answers = statuses.map((status) => [status, json(errorAnswer, REASONS[status])] as const);
  return Object.fromEntries(answers) as Record<Status, ReturnType<typeof json<typeof errorAnswer>>>;
}

export const jobPath = z.object({ id: z.string().min(1).max(128) });
export const page = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().max(512).optional(),
});
