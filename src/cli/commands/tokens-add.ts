import { ScannerError } from '../../model/errors.ts';
import { PERMISSIONS } from '../../wire/api-v1/schemas.ts';
import type { Command, OptionValues } from '../command.ts';
import { parseDuration } from '../durations.ts';
import { JSON_OUTPUT, wantsJson, wordsOf } from '../server-options.ts';
import { openTokenAccess, TOKEN_ACCESS_HELP, TOKEN_OPTIONS } from '../token-access.ts';

/** `cvescan tokens add`: somebody else may speak to a server. */
export const tokensAddCommand: Command = {
  name: 'tokens add',
  summary: 'Make a token for a server; it is shown this once.',
  usage: 'cvescan tokens add NAME --permission PERMISSION [OPTIONS]',
  description: [
    TOKEN_ACCESS_HELP,
    '',
    'Permissions: runner (do jobs), create-scan (submit scans, see its own), admin (everything but doing jobs).',
    '',
    'Examples:',
    '  cvescan tokens add first --permission admin --config /etc/cvescan/config.yml',
    '  CVESCAN_TOKEN=… cvescan tokens add ci --permission create-scan --expires 90d --endpoint https://cvescan.example',
  ].join('\n'),
  options: {
    ...TOKEN_OPTIONS,
    permission: { type: 'string', value: PERMISSIONS.join('|'), help: 'what it is good for' },
    expires: { type: 'string', value: 'TIME', help: 'from now, e.g. 12h, 90d (default: never)' },
    output: JSON_OUTPUT,
  },

  async run(invocation) {
    const { options, stdout, stderr } = invocation;
    const [name] = wordsOf(invocation, ['NAME']);
    const permission = permissionOf(options);
    const asJson = wantsJson(invocation);
    const expiresMs = typeof options.expires === 'string' ? parseDuration(options.expires, '--expires') : undefined;
    await using access = await openTokenAccess(invocation);
    const made = await access.add({
      ...{ name, permission },
      ...(expiresMs !== undefined && { expires_in_seconds: expiresMs / 1000 }),
    });
    stdout.write(asJson ? `${JSON.stringify(made, null, 2)}\n` : `${made.token}\n`);
    if (!options.quiet && !asJson)
      stderr.write(`cvescan: keep it: it is not shown again (${permission} ${name}, ${made.id})\n`);
    return 0;
  },
};

function permissionOf({ permission }: OptionValues) {
  const known = PERMISSIONS.find((word) => word === permission);
  if (known) return known;
  throw new ScannerError('usage.invalid', `--permission is one of ${PERMISSIONS.join(', ')}`);
}
