import { ScannerError } from '../../model/errors.ts';
import { ClairClient } from '../../wire/clair-v1/client.ts';
import type { ClairFeature } from '../../wire/clair-v1/types.ts';
import type { Command } from '../command.ts';
import { listOf } from '../outputs.ts';
import { openEndpoint, SERVER_OPTIONS, TOKEN_HELP, wordsOf } from '../server-options.ts';

/** `cvescan vulnerabilities add`: tells a server of a vulnerability. */
export const vulnerabilitiesAddCommand: Command = {
  name: 'vulnerabilities add',
  summary: 'Tell a server of a vulnerability, or change what it says of one.',
  usage: 'cvescan vulnerabilities add --severity SEVERITY [OPTIONS] NAMESPACE NAME',
  description: [
    'What is given takes the place of what the server had; fixes are added to those that it knows. Who subscribed is notified.',
    TOKEN_HELP,
    '',
    'Example:',
    '  cvescan vulnerabilities add --severity High --fixed-in openssl=3.0.11-1~deb12u2 debian:12 CVE-2099-0001',
  ].join('\n'),
  options: {
    ...SERVER_OPTIONS,
    severity: {
      type: 'string',
      value: 'SEVERITY',
      help: 'Unknown, Negligible, Low, Medium, High, Critical or Defcon1',
    },
    description: { type: 'string', value: 'TEXT', help: 'what it is' },
    link: { type: 'string', value: 'URL', help: 'where it is described' },
    'fixed-in': {
      type: 'string',
      value: 'PACKAGE=VERSION',
      multiple: true,
      help: 'an affected package, and the first version that is not; PACKAGE=None where there is no fix',
    },
    'version-format': { type: 'string', value: 'FORMAT', help: 'dpkg or rpm, where the namespace does not say it' },
  },

  async run(invocation) {
    const [namespace, name] = wordsOf(invocation, ['NAMESPACE', 'NAME']);
    const { severity, description, link, 'version-format': format } = invocation.options;
    if (typeof severity !== 'string') throw new ScannerError('usage.invalid', 'give --severity SEVERITY');
    const about = {
      NamespaceName: namespace,
      ...(typeof format === 'string' && { VersionFormat: format }),
    };
    await using api = openEndpoint(invocation);
    await new ClairClient(api).postVulnerability(namespace, {
      Name: name,
      NamespaceName: namespace,
      Severity: severity,
      ...(typeof description === 'string' && { Description: description }),
      ...(typeof link === 'string' && { Link: link }),
      FixedIn: listOf(invocation.options['fixed-in']).map((text) => ({ ...about, ...fixOf(text) })),
    });
    return 0;
  },
};

function fixOf(text: string): ClairFeature {
  const [, Name, Version] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (Name !== undefined && Version !== undefined) return { Name, Version };
  throw new ScannerError('usage.invalid', `--fixed-in ${text}: write it like openssl=3.0.11-1, or openssl=None`);
}
