import { expect, test } from 'vitest';
import { readAutotriage } from './uct-autotriage.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

test('lines name commits of Ubuntu by their id or subject, and what they bring', () => {
  const lines = [
    '# CVE-2010-4163 -- hardy patch contains both halves of the fix',
    `${A} ${B} ${C}`,
    '',
    `${A} local-2009-4067`,
    `:title('tcp: Increase TCP_MAXSEG socket option minimum.', ['${B}'])`,
    `:title('core: Fix memory leak', ["${B}", "${C}-CVE-2012-0056"])`,
    `:title("it's", ['local-1'])`,
    `:title('Revert "it\\'s"', ['local-1'])`,
  ];
  const malformed: string[] = [];
  expect(readAutotriage(lines.join('\r\n'), (line) => malformed.push(line))).toEqual([
    { commit: A, upstream: [B, C] },
    { commit: A, upstream: ['local-2009-4067'] },
    { subject: 'tcp: Increase TCP_MAXSEG socket option minimum.', upstream: [B] },
    { subject: 'core: Fix memory leak', upstream: [B, `${C}-CVE-2012-0056`] },
    { subject: "it's", upstream: ['local-1'] },
    { subject: `Revert "it's"`, upstream: ['local-1'] },
  ]);
  expect(malformed).toEqual([]);
});

test('a line that is neither is told and left out', () => {
  const lines = [
    A,
    `${A} ?`,
    `abc ${B}`,
    ":title('a')",
    ":title('', ['local-1'])",
    `:title('a', [])`,
    ':title(a, [b])',
  ];
  const malformed: string[] = [];
  expect(readAutotriage(lines.join('\n'), (line) => malformed.push(line))).toEqual([]);
  expect(malformed).toEqual(lines);
});
