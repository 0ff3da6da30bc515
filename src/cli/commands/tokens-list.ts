import type { Command } from '../command.ts';
import { JSON_OUTPUT, wantsJson, wordsOf } from '../server-options.ts';
import { textTable } from '../text-table.ts';
import { openTokenAccess, TOKEN_ACCESS_HELP, TOKEN_OPTIONS } from '../token-access.ts';

/** `cvescan tokens list`: who may speak to a server. */
export const tokensListCommand: Command = {
  name: 'tokens list',
  summary: 'List the tokens of a server, without their secrets.',
  usage: 'cvescan tokens list [OPTIONS]',
  description: TOKEN_ACCESS_HELP,
  options: { ...TOKEN_OPTIONS, output: JSON_OUTPUT },

  async run(invocation) {
    wordsOf(invocation, []);
    const asJson = wantsJson(invocation);
    await using access = await openTokenAccess(invocation);
    const tokens = await access.list();
    const rows = tokens.map((token) => [
      ...[token.id, token.permission, token.name, token.created_at.slice(0, 10)],
      token.revoked_at
        ? `revoked ${token.revoked_at.slice(0, 10)}`
        : token.expires_at && `expires ${token.expires_at.slice(0, 10)}`,
      token.last_used_at ? `used ${token.use_count} times, last ${token.last_used_at.slice(0, 16)}` : 'not used',
    ]);
    invocation.stdout.write(asJson ? `${JSON.stringify(tokens, null, 2)}\n` : textTable(rows));
    return 0;
  },
};
