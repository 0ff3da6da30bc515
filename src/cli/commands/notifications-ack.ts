import { ScannerError } from '../../model/errors.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { Command } from '../command.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP } from '../server-options.ts';

/** `cvescan notifications ack`: a server need not send a notification again. */
export const notificationsAckCommand: Command = {
  name: 'notifications ack',
  summary: 'Say that notifications were read: a server does not send them again.',
  usage: 'cvescan notifications ack [OPTIONS] NAME…',
  description: TOKEN_HELP,
  options: SERVER_OPTIONS,

  async run(invocation) {
    if (invocation.positionals.length === 0) throw new ScannerError('usage.invalid', 'give names of notifications');
    await using api = openEndpoint(invocation);
    const client = new ClairClient(api);
    for (const name of invocation.positionals) await client.deleteNotification(name);
    return 0;
  },
};
