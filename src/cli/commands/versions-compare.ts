import { once } from 'node:events';
import { ScannerError } from '../../model/errors.ts';
import { compareVersions, getScheme } from '../../versions/registry.ts';
import type { VersionScheme } from '../../versions/scheme.ts';
import { maxVersionChars } from '../../versions/scheme.ts';
import type { Command, Invocation } from '../command.ts';

/** A longer line holds no two versions; what goes beyond is not kept. */
const maxLineChars = 2 * maxVersionChars + 2;

/** `cvescan versions compare SCHEME A B`: asks a version scheme, as matching does. */
export const versionsCompareCommand: Command = {
  name: 'versions compare',
  summary: 'Compare two versions of one scheme: prints <, = or >.',
  usage: 'cvescan versions compare SCHEME A B\n       cvescan versions compare SCHEME --stdin',
  description: [
    'Example: cvescan versions compare dpkg 1.0~rc1 1.0',
    'With --stdin, lines A<TAB>B are read, and one answer a line is printed: <, = or >, or ? where one of them is malformed.',
  ].join('\n'),
  options: { stdin: { type: 'boolean', help: 'read pairs from standard input, one a line: A<TAB>B' } },

  async run(invocation) {
    const [schemeName, ...versions] = invocation.positionals;
    const wanted = invocation.options.stdin ? 0 : 2;
    if (schemeName === undefined || versions.length !== wanted) {
      throw new ScannerError('usage.invalid', `give a scheme and ${wanted} versions: ${versionsCompareCommand.usage}`);
    }
    const scheme = getScheme(schemeName);
    if (invocation.options.stdin) await answerLines(scheme, invocation);
    else invocation.stdout.write(`${signOf(compareVersions(schemeName, versions[0]!, versions[1]!))}\n`);
    return 0;
  },
};

/** One chunk of input gives one chunk of output, so neither is ever held whole. */
async function answerLines(scheme: VersionScheme, { stdin, stdout, signal }: Invocation): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stdin) {
    signal.throwIfAborted();
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n');
    rest = lines.pop()!.slice(0, maxLineChars);
    const answers = lines.map((line) => `${answer(scheme, line)}\n`).join('');
    if (!stdout.write(answers)) await once(stdout, 'drain', { signal });
  }
  rest += decoder.decode();
  if (rest !== '') stdout.write(`${answer(scheme, rest)}\n`);
}

/** `?` where one of the two is malformed, or the line is not two versions. */
function answer(scheme: VersionScheme, line: string): string {
  const [a, b, ...others] = (line.endsWith('\r') ? line.slice(0, -1) : line).split('\t');
  if (a === undefined || b === undefined || others.length > 0) return '?';
  try {
    return signOf(scheme.compare(scheme.parse(a), scheme.parse(b)));
  } catch (error) {
    if (error instanceof ScannerError && error.code === 'version.malformed') return '?';
    throw error;
  }
}

function signOf(order: number): string {
  return order < 0 ? '<' : order > 0 ? '>' : '=';
}
