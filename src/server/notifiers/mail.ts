import { describeAll, describeNotification, linkOf } from '../notifications/describe-notification.ts';
import type { NotifierPlugin } from '../notifications/notifier.ts';
import type { StoredNotification } from '../notifications/stored-notification.ts';

const TIMEOUT_MS = 60_000;
/** What one update changes goes in few mails. */
const MAX_BATCH = 500;
/** A subject is one line that people can read. */
const MAX_SUBJECT_SIGNS = 150;

/** Mail over SMTP, in plain text: a line for each vulnerability. */
export const mailNotifier: NotifierPlugin = {
  name: 'mail',

  configure({ notifications: { mail } }, outside) {
    if (mail === undefined) return undefined;
    const { url: server, from, to } = mail;
    return {
      ...{ name: 'mail', maxBatch: MAX_BATCH, isRepeated: false },
      async send(notifications, signal) {
        const subject = `[cvescan] ${describeAll(notifications)}`.slice(0, MAX_SUBJECT_SIGNS);
        const text = notifications.map(paragraphOf).join('\n\n');
        const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
        await outside.mail({ server, from, to, subject, text: `${text}\n` }, within);
      },
    };
  },
};

function paragraphOf(notification: StoredNotification): string {
  const link = linkOf(notification);
  const lines = [describeNotification(notification), ...(link === undefined ? [] : [link]), `  ${notification.name}`];
  return lines.join('\n');
}
