import { ScannerError } from '../../../model/errors.ts';
import type { NotificationPage } from '../../dependencies.ts';
import { malformed, readLimit, readPage } from './read-query.ts';
import type { V1Parts, V1Route } from './v1-route.ts';

/** How a page token of notifications reads. */
interface NotificationToken {
  readonly OldVulnerability: number;
  readonly NewVulnerability: number;
}

/** `GET` and `DELETE /v1/notifications/:notificationName`. */
export function notificationRoutes({
  notifications,
  pageTokens,
}: Pick<V1Parts, 'notifications' | 'pageTokens'>): readonly V1Route[] {
  const tokenOf = (page: NotificationPage) =>
    pageTokens.make({ OldVulnerability: page.old, NewVulnerability: page.new } satisfies NotificationToken);
  return [
    {
      method: 'GET',
      path: '/notifications/:notificationName',
      name: 'v1/getNotification',
      summary: 'A notification: what changed, and a page of the layers that brought what is affected',
      query: {
        limit: { type: 'integer', help: 'layers of a page, required; -1: without layers; at most 10,000 count' },
        page: { type: 'string', help: '`NextPage` of the page before' },
      },
      gives: ['Notification'],
      successStatus: 200,
      // Clair counts it under its neighbour's name, so its dashboards look for it there.
      nameOfFailure: (error) =>
        error instanceof ScannerError && error.code === 'resource.not-found'
          ? 'v1/deleteNotification'
          : 'v1/getNotification',
      async handle({ params, query }) {
        const limit = readLimit(query);
        if (limit < -1) throw malformed('limit value should not be less than -1');
        const token = readPage(query, pageTokens, isNotificationToken);
        const from = token && { old: token.OldVulnerability, new: token.NewVulnerability };
        const found = await notifications.get(params.notificationName!, { limit, ...(from && { from }) });
        const { notification, page, next } = found;
        const pages = { Page: query.get('page') ?? tokenOf(page), ...(next && { NextPage: tokenOf(next) }) };
        return { status: 200, envelope: { Notification: { ...notification, Limit: limit, ...pages } } };
      },
    },
    {
      method: 'DELETE',
      path: '/notifications/:notificationName',
      name: 'v1/deleteNotification',
      summary: 'Say that a notification was read: it is not sent again',
      successStatus: 200,
      async handle({ params }) {
        await notifications.delete(params.notificationName!);
        return { status: 200 };
      },
    },
  ];
}

function isNotificationToken(value: unknown): value is NotificationToken {
  const { OldVulnerability, NewVulnerability } = (value ?? {}) as Partial<NotificationToken>;
  return Number.isSafeInteger(OldVulnerability) && Number.isSafeInteger(NewVulnerability);
}
