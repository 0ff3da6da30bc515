import { describeNotification, linkOf } from '../notifications/describe-notification.ts';
import { checkTaken, type NotifierPlugin } from '../notifications/notifier.ts';
import type { StoredNotification } from '../notifications/stored-notification.ts';

const TIMEOUT_MS = 10_000;
/** A message stays readable, and below the 40,000 signs that Slack takes. */
const MAX_BATCH = 20;
const MAX_LINE_SIGNS = 1500;

/**
 * An incoming webhook of Slack, or of what speaks its form (Mattermost, Rocket.Chat, Discord's `/slack`): `{"text": …}` in mrkdwn.
 *
 * Source: https://docs.slack.dev/messaging/formatting-message-text; `&`, `<`, `>` are escaped, links are `<url|text>`.
 */
export const slackNotifier: NotifierPlugin = {
  name: 'slack',

  configure({ notifications: { slackUrl: url } }, outside) {
    if (url === undefined) return undefined;
    return {
      ...{ name: 'slack', maxBatch: MAX_BATCH, isRepeated: false },
      async send(notifications, signal) {
        const body = JSON.stringify({ text: notifications.map(lineOf).join('\n') });
        const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
        checkTaken(await outside.post({ url, body }, within));
      },
    };
  },
};

function lineOf(notification: StoredNotification): string {
  const line = describeNotification(notification);
  const text = escaped(line.length > MAX_LINE_SIGNS ? `${line.slice(0, MAX_LINE_SIGNS)}…` : line);
  const link = linkOf(notification);
  return link === undefined ? text : `${text} <${escaped(link).replaceAll('|', '%7C')}|more>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
