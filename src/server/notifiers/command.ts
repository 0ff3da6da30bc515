import type { NotifierPlugin } from '../notifications/notifier.ts';
import { viewOfNotification } from '../notifications/stored-notification.ts';

const TIMEOUT_MS = 60_000;

/** A program of the user's own: it gets one notification as JSON on its standard input, as `/api/v1/notifications` shows it. */
export const commandNotifier: NotifierPlugin = {
  name: 'command',

  configure({ notifications: { command } }, outside) {
    if (command.length === 0) return undefined;
    return {
      ...{ name: 'command', maxBatch: 1, isRepeated: false },
      async send(notifications, signal) {
        for (const notification of notifications) {
          const stdin = `${JSON.stringify(viewOfNotification(notification))}\n`;
          await outside.run(command, stdin, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]));
        }
      },
    };
  },
};
