import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Vulnerabilities } from '../../dependencies.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow } from './api-context.ts';
import { errors } from './openapi-parts.ts';

export interface VulnerabilityRoutes {
  readonly vulnerabilities: Pick<Vulnerabilities, 'reset'>;
}

const vulnerabilityPath = z.object({ namespace: z.string().min(1).max(128), name: z.string().min(1).max(128) });

/** What users said of vulnerabilities through Clair's API is taken back: for administrators. */
export function addVulnerabilityRoutes(
  api: OpenAPIHono<ApiContext>,
  { vulnerabilities, tokens }: VulnerabilityRoutes & { readonly tokens: Tokens },
): void {
  api.openapi(
    createRoute({
      method: 'delete',
      path: '/vulnerabilities/{namespace}/{name}',
      summary: 'Forget what users said of a vulnerability, a deletion too: feeds have the word again',
      middleware: [allow(tokens, 'admin')],
      request: { params: vulnerabilityPath },
      responses: { 204: { description: 'forgotten' }, ...errors(401, 403, 404, 503) },
    }),
    async (context) => {
      await vulnerabilities.reset(context.req.valid('param'));
      return context.body(null, 204);
    },
  );
}
