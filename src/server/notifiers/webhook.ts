import { createHmac } from 'node:crypto';
import { checkTaken, type NotifierPlugin } from '../notifications/notifier.ts';

/** Clair's client waits as long. */
const TIMEOUT_MS = 5000;

/**
 * Clair's webhook: a POST of `{"Notification":{"Name":"<uuid>"}}`. Who gets it asks `/v1/notifications/<uuid>` what changed, and
 * deletes the notification; else it comes again. With a secret the header `X-Cvescan-Signature` is `t=<unix seconds>,v1=<hex>`: the
 * HMAC-SHA256 of `<t>.<body>`.
 *
 * Source: Clair v2.0.9, `ext/notification/webhook`; its bytes are kept.
 */
export const webhookNotifier: NotifierPlugin = {
  name: 'webhook',

  configure({ notifier: { http }, notifications: { secret } }, outside) {
    if (http === undefined) return undefined;
    const { endpoint: url, ...via } = http;
    return {
      ...{ name: 'webhook', maxBatch: 1, isRepeated: true },
      async send(notifications, signal) {
        for (const { name } of notifications) {
          const body = JSON.stringify({ Notification: { Name: name } });
          const headers = secret === undefined ? {} : signatureOf(body, secret, outside.nowMs());
          const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
          checkTaken(await outside.post({ url, body, headers, via }, within));
        }
      },
    };
  },
};

function signatureOf(body: string, secret: string, nowMs: number): Readonly<Record<string, string>> {
  const time = Math.floor(nowMs / 1000);
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return { 'x-cvescan-signature': `t=${time},v1=${signature}` };
}
