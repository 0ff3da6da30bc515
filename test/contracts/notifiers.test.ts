import { describe, expect, test } from 'vitest';
import { NO_NOTIFIERS, notifierContract } from '../../src/server/notifications/notifier.contract.ts';
import type { NotifierSettings } from '../../src/server/notifications/notifier.ts';
import { notifierPlugins } from '../../src/server/notifiers/registry.ts';

/** Settings in which a notifier is on, and a text of them that nobody may read in a log. */
const FIXTURES: Readonly<Record<string, { readonly settings: NotifierSettings; readonly secret?: string }>> = {
  webhook: {
    settings: {
      notifier: { ...NO_NOTIFIERS.notifier, http: { endpoint: 'https://user:s3cret@example.org/hook' } },
      notifications: { ...NO_NOTIFIERS.notifications, secret: 's3cret' },
    },
    secret: 's3cret',
  },
  slack: {
    settings: {
      ...NO_NOTIFIERS,
      notifications: { ...NO_NOTIFIERS.notifications, slackUrl: 'https://h.example.org/s3cret' },
    },
    secret: 's3cret',
  },
  mail: {
    settings: {
      ...NO_NOTIFIERS,
      notifications: {
        ...NO_NOTIFIERS.notifications,
        mail: { url: 'smtps://user:s3cret@example.org', from: 'a@example.org', to: ['b@example.org'] },
      },
    },
    secret: 's3cret',
  },
  command: {
    settings: { ...NO_NOTIFIERS, notifications: { ...NO_NOTIFIERS.notifications, command: ['/bin/tell', 'all'] } },
  },
};

test('every notifier is held against the contract', () => {
  expect(Object.keys(FIXTURES).sort()).toEqual(notifierPlugins.map(({ name }) => name).sort());
});

for (const plugin of notifierPlugins) {
  describe(`the notifier ${plugin.name}`, () => {
    for (const { name, check } of notifierContract(plugin, FIXTURES[plugin.name]!)) test(name, check);
  });
}
