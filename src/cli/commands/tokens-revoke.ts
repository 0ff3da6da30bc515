import type { Command } from '../command.ts';
import { wordsOf } from '../server-options.ts';
import { openTokenAccess, TOKEN_ACCESS_HELP, TOKEN_OPTIONS } from '../token-access.ts';

/** `cvescan tokens revoke`: a token is good for nothing any more. */
export const tokensRevokeCommand: Command = {
  name: 'tokens revoke',
  summary: 'Take a token back, by its id or its name.',
  usage: 'cvescan tokens revoke [OPTIONS] TOKEN',
  description: TOKEN_ACCESS_HELP,
  options: TOKEN_OPTIONS,

  async run(invocation) {
    const [which] = wordsOf(invocation, ['TOKEN']);
    await using access = await openTokenAccess(invocation);
    await access.revoke(which);
    return 0;
  },
};
