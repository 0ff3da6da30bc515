import assert from 'node:assert/strict';
import type { NotifierPlugin, NotifierSettings, Outside } from './notifier.ts';
import type { StoredNotification } from './stored-notification.ts';

/** A promise of the family's contract, held against one plugin. Rejects with an assertion that says what was broken. */
export interface NotifierCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** Settings in which nothing is configured. */
export const NO_NOTIFIERS: NotifierSettings = {
  notifier: { attempts: 3, renotifyMs: 7_200_000 },
  notifications: { maxPerUpdate: 10_000, command: [] },
};

/** A notification to try with. */
export function sampleNotification(id: number, change: Partial<StoredNotification> = {}): StoredNotification {
  return {
    ...{
      id,
      name: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
      origin: 'feed',
      createdAtMs: 1_700_000_000_000,
    },
    ...{
      namespace: 'debian:12',
      vulnerability: `CVE-2024-${id}`,
      changes: [{ kind: 'severity', old: 'Low', new: 'High' }],
    },
    new: { Name: `CVE-2024-${id}`, NamespaceName: 'debian:12', Severity: 'High', Link: 'https://example.org/?a=1&b=2' },
    ...change,
  };
}

/** What a notifier did to the world, each time as one text. */
export interface FakeOutside extends Outside {
  readonly done: readonly string[];
}

/** A world that takes, refuses, or never answers. */
export function fakeOutside(mood: 'takes' | 'refuses' | 'hangs'): FakeOutside {
  const done: string[] = [];
  const act = async <T>(what: unknown, signal: AbortSignal, answers: { takes: T; refuses: () => T }): Promise<T> => {
    done.push(JSON.stringify(what));
    if (mood === 'takes') return answers.takes;
    if (mood === 'refuses') return answers.refuses();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  };
  const refuse = (): never => {
    throw new Error('refused');
  };
  return {
    done,
    nowMs: () => 1_700_000_000_000,
    post: (message, signal) => act(message, signal, { takes: { status: 202 }, refuses: () => ({ status: 500 }) }),
    run: (command, stdin, signal) => act([command, stdin], signal, { takes: undefined, refuses: refuse }),
    mail: (message, signal) => act(message, signal, { takes: undefined, refuses: refuse }),
  };
}

/**
 * What every notifier promises.
 *
 * @param settings in which it is configured. @param secret a text of its settings that is never to be logged.
 */
export function notifierContract(
  plugin: NotifierPlugin,
  { settings, secret }: { readonly settings: NotifierSettings; readonly secret?: string },
): readonly NotifierCheck[] {
  const configured = (outside: Outside) => {
    const notifier = plugin.configure(settings, outside);
    assert.ok(notifier, 'it is configured by its settings');
    return notifier;
  };
  const { signal } = new AbortController();
  return [
    {
      name: 'is off unless it is configured',
      check: async () => assert.equal(plugin.configure(NO_NOTIFIERS, fakeOutside('takes')), undefined),
    },
    {
      name: 'sends as many in one message as it says, and names each',
      async check() {
        const outside = fakeOutside('takes');
        const notifier = configured(outside);
        assert.equal(notifier.name, plugin.name);
        const notifications = Array.from({ length: notifier.maxBatch }, (_, index) => sampleNotification(index + 1));
        await notifier.send(notifications, signal);
        assert.equal(outside.done.length, 1, 'one message');
        for (const { name, vulnerability } of notifications)
          assert.ok(
            outside.done.some((it) => it.includes(name) || it.includes(vulnerability)),
            `${name} is named`,
          );
      },
    },
    {
      name: 'sends a summary',
      async check() {
        const outside = fakeOutside('takes');
        const changes = [{ kind: 'summary', count: 12_000 }] as const;
        const { new: _, ...summary } = sampleNotification(1, {
          origin: 'summary',
          namespace: '',
          vulnerability: '',
          changes,
        });
        await configured(outside).send([summary], signal);
        assert.equal(outside.done.length, 1);
      },
    },
    {
      name: 'says when nobody took it, without a secret',
      async check() {
        const sending = configured(fakeOutside('refuses')).send([sampleNotification(1)], signal);
        await assert.rejects(sending, (error: Error) => secret === undefined || !error.message.includes(secret));
      },
    },
    {
      name: 'ends when it is stopped',
      async check() {
        const stopping = new AbortController();
        const sending = configured(fakeOutside('hangs')).send([sampleNotification(1)], stopping.signal);
        stopping.abort(new Error('stopped'));
        await assert.rejects(sending);
      },
    },
  ];
}
