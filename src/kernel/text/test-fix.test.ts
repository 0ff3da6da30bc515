import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFixPatch } from './fix-patch.ts';
import { type FixState, SourceText, testFix } from './test-fix.ts';

const HEADER = 'diff --git a/a.c b/a.c\nindex 1..2 100644\n--- a/a.c\n+++ b/a.c\n';
const BEFORE = 'int probe(void)\n{\n\tstruct device *device = get();\n\tuse(device);\n\tput(device);\n\treturn 0;\n}\n';
const hunk = (lines: string): string => {
  const count = (sign: string) => lines.split('\n').filter((line) => line !== '' && !line.startsWith(sign)).length;
  return `@@ -1,${count('+')} +1,${count('-')} @@ int x(void)\n${lines}`;
};
const CHECK = hunk(
  ' {\n \tstruct device *device = get();\n+\tif (!device_is_ready(device))\n+\t\treturn report_missing(device);\n \tuse(device);\n \tput(device);\n',
);
const CHECKED = BEFORE.replace('\tuse(', '\tif (!device_is_ready(device))\n\t\treturn report_missing(device);\n\tuse(');

const cases: readonly (readonly [state: FixState, source: string | undefined, patch: string, shows: string])[] = [
  ['applied', CHECKED, CHECK, 'the new lines stand where they belong'],
  ['missing', BEFORE, CHECK, 'the old lines stand there'],
  ['applied', CHECKED.replaceAll('\t', '    '), CHECK, 'white space does not matter'],
  ['applied', CHECKED.replace('\tput(device);', '\tlog();\n\tput(device);'), CHECK, 'one line of context is enough'],
  ['missing', CHECKED.replace('\tuse(device);', '\tuse_all();'), CHECK, 'changed context proves nothing'],
  ['missing', `${CHECKED}${BEFORE}`, CHECK, 'the old lines stand elsewhere'],
  ['unknown', undefined, CHECK, 'the file is not there'],
  ['partly', CHECKED, CHECK + hunk(' x\n+\tbrand_new_line(device);\n y\n'), 'a hunk of two'],
  [
    'unknown',
    BEFORE.replace('\tuse(device);\n', ''),
    hunk(' \tstruct device *device = get();\n-\tuse(device);\n \tput(device);\n'),
    'a pure deletion',
  ],
  ['unknown', CHECKED, hunk(' a\n+\tgoto out_error;\n+\treturn -EINVAL;\n b\n'), 'what stands anywhere'],
  ['unknown', BEFORE, hunk('-\tuse(device);\n \tput(device);\n+\tuse(device);\n'), 'a move'],
  ['unknown', CHECKED, CHECK.replaceAll('\n', '\n').replace('+\t\treturn report_missing(device);\n', ''), 'a tiny fix'],
];

describe('testFix', () => {
  for (const [state, source, patch, shows] of cases) {
    test(`${state}: ${shows}`, async () => {
      const read = async () => (source === undefined ? undefined : new SourceText(source));
      expect(await testFix(parseFixPatch(HEADER + patch), read)).toBe(state);
    });
  }
});

describe('parseFixPatch', () => {
  test('keeps files of code', () => {
    const file = (path: string) => `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${CHECK}`;
    const paths = ['fs/a.c', 'fs/Kconfig', 'tools/perf.c', 'include/b.h', 'Documentation/c.c', 'rust/d.rs'];
    expect(parseFixPatch(paths.map(file).join('')).map(({ path }) => path)).toEqual([
      'fs/a.c',
      'include/b.h',
      'rust/d.rs',
    ]);
  });

  test('takes lines by what the hunk counts, whatever they look like', () => {
    const text = `${HEADER}@@ -1,2 +1,1 @@\n--- a/b.c\n diff --git a/x.c b/x.c\n\\ No newline at end of file\n`;
    expect(parseFixPatch(text)).toEqual([
      {
        path: 'a.c',
        hunks: [
          {
            lines: [
              { kind: 'removed', text: '-- a/b.c' },
              { kind: 'context', text: 'diff --git a/x.c b/x.c' },
            ],
          },
        ],
      },
    ]);
  });

  test('never throws', () => {
    const pieces = ['diff --git a/a.c b/a.c', '@@ -1,9 +1,9 @@', '@@ -1 +1 @@', '+x', '-x', ' x', '', '\\'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces)), (lines) => {
        parseFixPatch(lines.join('\n'));
      }),
    );
  });
});
