import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { tokenCreated, tokenList, tokenRequest } from '../../../wire/api-v1/schemas.ts';
import { MAX_BODY_BYTES } from '../../../wire/jobs-v1/schemas.ts';
import { tokenView } from '../../token-view.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow, maxBody } from './api-context.ts';
import { errors, jobPath, json, jsonBody } from './openapi-parts.ts';

/** Who may speak to the server: for administrators. */
export function addTokenRoutes(api: OpenAPIHono<ApiContext>, { tokens }: { readonly tokens: Tokens }): void {
  const middleware = [allow(tokens, 'admin'), maxBody(MAX_BODY_BYTES)];

  api.openapi(
    createRoute({
      method: 'get',
      path: '/tokens',
      summary: 'All tokens, without their secrets',
      middleware,
      responses: { 200: json(tokenList), ...errors(401, 403, 503) },
    }),
    async (context) => context.json({ tokens: (await tokens.list()).map(tokenView) }, 200),
  );

  api.openapi(
    createRoute({
      method: 'post',
      path: '/tokens',
      summary: 'Make a token; its secret is shown this once',
      middleware,
      request: { body: jsonBody(tokenRequest) },
      responses: { 201: json(tokenCreated), ...errors(401, 403, 413, 422, 503) },
    }),
    async (context) => {
      const { name, permission, expires_in_seconds: seconds } = context.req.valid('json');
      const wish = { name, permission, ...(seconds !== undefined && { expiresInMs: seconds * 1000 }) };
      const { token, secret } = await tokens.add(wish, actorOf(context.var.bearer));
      return context.json({ ...tokenView(token), token: secret }, 201);
    },
  );

  api.openapi(
    createRoute({
      method: 'delete',
      path: '/tokens/{id}',
      summary: 'Revoke a token',
      middleware,
      request: { params: jobPath },
      responses: { 204: { description: 'revoked' }, ...errors(401, 403, 404, 503) },
    }),
    async (context) => {
      await tokens.revoke(context.req.valid('param').id, actorOf(context.var.bearer));
      return context.body(null, 204);
    },
  );
}

const actorOf = ({ id, name }: { readonly id: string; readonly name: string }): string => `${id} ${name}`;
