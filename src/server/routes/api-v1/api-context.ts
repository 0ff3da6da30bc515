import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { ERRORS, ScannerError } from '../../../model/errors.ts';
import type { Bearer, Permission, Tokens } from '../../usecases/tokens.ts';

/** What our own routes know of a request. */
export interface ApiContext {
  readonly Variables: { bearer: Bearer };
}

/** An application whose bad requests are answered with the field that is wrong. */
export function createApi(): OpenAPIHono<ApiContext> {
  return new OpenAPIHono<ApiContext>({
    // Mounted or alone: the path below the mount point is what is routed.
    getPath: ({ url }) => new URL(url).pathname.replace(/^\/api\/v1(?=\/|$)/, '') || '/',
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const field = issue?.path.map(String).join('.') ?? '';
      throw new ScannerError('request.invalid', `${field || 'the body'}: ${issue?.message ?? 'is wrong'}`, { field });
    },
  });
}

/** Lets in who shows a token of one of these permissions. @throws ScannerError `token.invalid`, `token.forbidden`. */
export function allow(tokens: Tokens, ...permissions: readonly Permission[]): MiddlewareHandler<ApiContext> {
  return async (context, next) => {
    context.set('bearer', await authorize(tokens, permissions, context.req.raw.headers));
    await next();
  };
}

/** Who asks, if the token of the headers has one of these permissions. @throws ScannerError `token.invalid`, `token.forbidden`. */
export async function authorize(tokens: Tokens, permissions: readonly Permission[], headers: Headers): Promise<Bearer> {
  const bearer = await tokens.verify(secretOf(headers));
  if (permissions.includes(bearer.permission)) return bearer;
  throw new ScannerError('token.forbidden', `this needs a token with the permission ${permissions.join(' or ')}`);
}

/** @throws ScannerError `request.too-large`. */
export function maxBody(maxSize: number): MiddlewareHandler {
  const onError = (): never => {
    throw new ScannerError('request.too-large', `the body is above ${maxSize} bytes`, {
      limit: 'maxBodyBytes',
      value: maxSize,
    });
  };
  return bodyLimit({ maxSize, onError });
}

/** Our own APIs' answer to an error: `{error: {code, message, field?}}`. Undefined for what is a bug. */
export function answerOf(error: unknown): Response | undefined {
  // The router's own word for a body that is no JSON.
  if (error instanceof HTTPException) return answerOf(new ScannerError('request.malformed', error.message));
  if (!(error instanceof ScannerError)) return undefined;
  const { http: status } = ERRORS[error.code];
  const { field } = error.details;
  return Response.json(
    { error: { code: error.code, message: error.message, ...(field !== undefined && field !== '' && { field }) } },
    {
      status,
      headers: {
        ...(status === 503 && { 'retry-after': '5' }),
        ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      },
    },
  );
}

function secretOf(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  return bearer ?? headers.get('x-access-token') ?? undefined;
}

export const timeOf = (ms: number): string => new Date(ms).toISOString();
