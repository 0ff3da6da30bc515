import type { NotifierPlugin } from '../notifications/notifier.ts';
import { commandNotifier } from './command.ts';
import { mailNotifier } from './mail.ts';
import { slackNotifier } from './slack.ts';
import { webhookNotifier } from './webhook.ts';

/** All ways to tell somebody, by name. */
export const notifierPlugins: readonly NotifierPlugin[] = [
  commandNotifier,
  mailNotifier,
  slackNotifier,
  webhookNotifier,
];
