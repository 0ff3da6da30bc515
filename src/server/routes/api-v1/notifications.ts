import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { notificationDetails, notificationList } from '../../../wire/api-v1/notifications.ts';
import { viewOfNotification } from '../../notifications/stored-notification.ts';
import type { StoredNotifications } from '../../usecases/notifications.ts';
import type { Tokens } from '../../usecases/tokens.ts';
import { type ApiContext, allow } from './api-context.ts';
import { errors, json } from './openapi-parts.ts';

const limit = z.coerce.number().int().min(1).max(1000).default(100);
const place = /^\d{1,15}$/;
const sides = /^(-1|\d{1,15}),(-1|\d{1,15})$/;

export interface NotificationRoutes {
  readonly notifications: Pick<StoredNotifications, 'find' | 'layers' | 'list'>;
}

/** What changed for stored layers, and why: for administrators. */
export function addNotificationRoutes(
  api: OpenAPIHono<ApiContext>,
  { notifications, tokens }: NotificationRoutes & { readonly tokens: Tokens },
): void {
  const middleware = [allow(tokens, 'admin')];

  api.openapi(
    createRoute({
      method: 'get',
      path: '/notifications',
      summary: 'Notifications that nobody has read yet, the oldest first',
      middleware,
      request: { query: z.object({ limit, after: z.string().regex(place, '`next` of the page before').optional() }) },
      responses: { 200: json(notificationList), ...errors(401, 403, 422, 503) },
    }),
    async (context) => {
      const query = context.req.valid('query');
      const found = await notifications.list({ after: Number(query.after ?? 0), limit: query.limit });
      const last = found.length === query.limit ? found.at(-1) : undefined;
      const next = last === undefined ? {} : { next: String(last.id) };
      return context.json({ notifications: found.map(viewOfNotification), ...next }, 200);
    },
  );

  api.openapi(
    createRoute({
      method: 'get',
      path: '/notifications/{name}',
      summary: 'A notification with a page of the layers that it concerns',
      middleware,
      request: {
        params: z.object({ name: z.string().min(1).max(128) }),
        query: z.object({ limit, after: z.string().regex(sides, '`next` of the page before').optional() }),
      },
      responses: { 200: json(notificationDetails), ...errors(401, 403, 404, 422, 503) },
    }),
    async (context) => {
      const query = context.req.valid('query');
      const notification = await notifications.find(context.req.valid('param').name);
      const [old = 0, now = 0] = (query.after ?? '0,0').split(',').map(Number);
      const page = await notifications.layers(notification, { old, new: now }, query.limit);
      const isDone = page.old.next === -1 && page.new.next === -1;
      const body = {
        ...viewOfNotification(notification),
        old_layers: page.old.layers.map(({ id, name }) => ({ index: id, name })),
        new_layers: page.new.layers.map(({ id, name }) => ({ index: id, name })),
        ...(!isDone && { next: `${page.old.next},${page.new.next}` }),
      };
      return context.json(body, 200);
    },
  );
}
