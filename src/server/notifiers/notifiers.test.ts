import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fakeOutside, NO_NOTIFIERS, sampleNotification } from '../notifications/notifier.contract.ts';
import { commandNotifier } from './command.ts';
import { mailNotifier } from './mail.ts';
import { slackNotifier } from './slack.ts';
import { webhookNotifier } from './webhook.ts';

const { signal } = new AbortController();
const { notifications } = NO_NOTIFIERS;

describe('webhook', () => {
  const settings = (secret?: string) => ({
    notifier: { ...NO_NOTIFIERS.notifier, http: { endpoint: 'http://a/', serverName: 'b', proxy: 'http://p/' } },
    notifications: { ...notifications, ...(secret !== undefined && { secret }) },
  });

  test("the body has Clair's bytes", async () => {
    const outside = fakeOutside('takes');
    await webhookNotifier.configure(settings(), outside)!.send([sampleNotification(1)], signal);
    expect(JSON.parse(outside.done[0]!)).toEqual({
      ...{ url: 'http://a/', headers: {}, via: { serverName: 'b', proxy: 'http://p/' } },
      body: '{"Notification":{"Name":"00000000-0000-4000-8000-000000000001"}}',
    });
  });

  test('with a secret it is signed', async () => {
    const outside = fakeOutside('takes');
    await webhookNotifier.configure(settings('s3cret'), outside)!.send([sampleNotification(1)], signal);
    const { body, headers } = JSON.parse(outside.done[0]!) as { body: string; headers: Record<string, string> };
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['x-cvescan-signature']!)!;
    expect(time).toBe('1700000000');
    expect(signature).toBe(createHmac('sha256', 's3cret').update(`${time}.${body}`).digest('hex'));
  });
});

test('slack gets a line for each, escaped, with a link', async () => {
  const outside = fakeOutside('takes');
  const slack = slackNotifier.configure(
    { ...NO_NOTIFIERS, notifications: { ...notifications, slackUrl: 'http://s/' } },
    outside,
  )!;
  const fix = { kind: 'fix_available', packages: [{ name: 'a<b>', old: 'None', new: '1&2' }] } as const;
  await slack.send([sampleNotification(1, { changes: [fix] }), sampleNotification(2)], signal);
  expect(JSON.parse((JSON.parse(outside.done[0]!) as { body: string }).body)).toEqual({
    text: [
      'CVE-2024-1 in debian:12: fix available: a&lt;b&gt; 1&amp;2 <https://example.org/?a=1&amp;b=2|more>',
      'CVE-2024-2 in debian:12: severity Low -&gt; High <https://example.org/?a=1&amp;b=2|more>',
    ].join('\n'),
  });
});

test('mail has a paragraph for each', async () => {
  const outside = fakeOutside('takes');
  const mail = { url: 'smtp://m/', from: 'a@example.org', to: ['b@example.org'] };
  const notifier = mailNotifier.configure({ ...NO_NOTIFIERS, notifications: { ...notifications, mail } }, outside)!;
  await notifier.send(
    [sampleNotification(1), sampleNotification(2, { changes: [{ kind: 'new' }, { kind: 'kev_listed' }] })],
    signal,
  );
  expect(JSON.parse(outside.done[0]!)).toMatchObject({
    ...{
      server: 'smtp://m/',
      from: 'a@example.org',
      to: ['b@example.org'],
      subject: '[cvescan] 2 vulnerabilities changed',
    },
    text: [
      'CVE-2024-1 in debian:12: severity Low -> High',
      'https://example.org/?a=1&b=2',
      '  00000000-0000-4000-8000-000000000001',
      '',
      "CVE-2024-2 in debian:12: new; in CISA's list of exploited vulnerabilities",
      'https://example.org/?a=1&b=2',
      '  00000000-0000-4000-8000-000000000002\n',
    ].join('\n'),
  });
});

test('a command gets what the API shows', async () => {
  const outside = fakeOutside('takes');
  const settings = { ...NO_NOTIFIERS, notifications: { ...notifications, command: ['/bin/tell'] } };
  await commandNotifier.configure(settings, outside)!.send([sampleNotification(1)], signal);
  const [command, stdin] = JSON.parse(outside.done[0]!) as [string[], string];
  expect(command).toEqual(['/bin/tell']);
  expect(JSON.parse(stdin)).toMatchObject({
    ...{
      name: '00000000-0000-4000-8000-000000000001',
      created_at: '2023-11-14T22:13:20.000Z',
      vulnerability: 'CVE-2024-1',
    },
    changes: [{ kind: 'severity', old: 'Low', new: 'High' }],
  });
});
