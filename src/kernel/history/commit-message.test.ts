import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { normaliseSubject, readCommitMessage } from './commit-message.ts';

const A = 'a1'.repeat(20);
const B = 'b2'.repeat(20);
const C = 'c3'.repeat(20);

const brought: readonly (readonly [body: string, commits: readonly string[], shows: string])[] = [
  [`commit ${A} upstream.\n\nText.`, [A], 'a stable tree'],
  [`Commit ${A} upstream\n\nText.`, [A], 'without the stop'],
  [`[ Upstream commit ${A} ]\n\nText.`, [A], 'a stable tree, by script'],
  [`[ commit ${A} upstream ]`, [A], 'in brackets'],
  [`Text.\n\nUpstream commit ${A}.\n`, [A], 'a paragraph of its own'],
  [`Text.\n\n(cherry picked from commit ${A})`, [A], 'git cherry-pick -x'],
  [`Text.\n(cherry picked from commit\n${A})`, [A], 'wrapped'],
  [`Text.\n(cherry picked from commit ${A}\n https://git.kernel.org/x master)`, [A], "Android's FROMGIT"],
  [`(backported from commit ${A})\nSigned-off-by: x`, [A], 'Ubuntu'],
  [`(back ported from commit ${A} linux-next)`, [A], 'Ubuntu, older'],
  [`[ backported from commit ${A} ]`, [A], 'stable, by hand'],
  [`(cherry picked from commit ${A})\n(cherry picked from commit ${B})`, [A, B], 'picked twice'],
  [`(cherry picked from commit ${A.slice(0, 12)})`, [A.slice(0, 12)], 'a short id'],
  [`commit ${A}\nAuthor: Some One <x@y>\n\n    text`, [A], 'RHEL'],
  [`mainline inclusion\nfrom mainline-v5.14\ncommit ${A}\ncategory: bugfix`, [A], 'openEuler'],
  [`Git-commit: ${A}\nPatch-mainline: v5.14`, [A], 'SUSE'],
  [`Upstream-Status: Backport [https://git.kernel.org/linus/c/?id=${A}]`, [A], 'Yocto'],
  [`Fixes: ${A} ("x")`, [], 'what it fixes is not what it brings'],
  [`A bug came\ncommit ${A} upstream.`, [], 'prose, wrapped'],
  [`commit ${A} upstream introduced a bug.`, [], 'prose at the start'],
  [`Text.\n\ncommit ${A}\n\nbroke it`, [], 'a lone id in prose'],
  [`> (cherry picked from commit ${A})`, [], 'a quote'],
  [`This reverts commit ${B} which is commit ${A} upstream.`, [], 'a revert'],
  [`This reverts commit ${B} which is\ncommit ${A} upstream.\n`, [], 'a revert, wrapped'],
  [`This reverts commit ${B}, which was upstream commit ${A}.`, [], 'a revert, other words'],
  [`commit ${A} upstream.\n\nThis reverts commit ${B}.`, [A], 'the backport of a revert'],
  [`(cherry picked from commit ${A}f)`, [], 'too long for an id'],
  ['commit abcdef upstream.', [], 'too short for an id'],
];

const reverted: readonly (readonly [
  subject: string,
  body: string,
  commits: readonly string[],
  isWhole: boolean,
  shows: string,
])[] = [
  ['Revert "x"', `This reverts commit ${A}.`, [A], true, 'git revert'],
  ['Revert "x"', `This reverts commit ${A} which is commit ${B} upstream.`, [A, B], true, 'a stable tree'],
  ['Revert "x"', `This reverts commit ${A} which is\ncommit ${B} upstream.`, [A, B], true, 'wrapped'],
  ['x: undo', `This reverts commits ${A}, ${B} and ${C}.`, [A, B, C], true, 'several'],
  ['x: undo', `This reverts commits ${A} ("a (b)") and\n${B} ("b").`, [A, B], true, 'several with titles'],
  ['x: undo', `This partially reverts commit ${A}.`, [A], false, 'in part'],
  ['Revert "x"', `It broke booting, so revert commit ${A}.`, [A], false, 'prose of a revert'],
  ['x: fix', `We cannot simply revert commit ${A} here.`, [], true, 'prose of another commit'],
];

const subjects: readonly (readonly [subject: string, about: string | undefined, isGone: boolean])[] = [
  ['Revert "net: fix"', 'net: fix', true],
  ['Revert "Revert "net: fix""', 'net: fix', false],
  ['Reapply "net: fix"', 'net: fix', false],
  ['Revert "Reapply "net: fix""', 'net: fix', true],
  ['UPSTREAM: Revert "net: fix"', 'net: fix', true],
  ['Revert "UPSTREAM: net: fix"', 'net: fix', true],
  ['net: revert to polling', undefined, false],
  ['Revert ""', undefined, false],
];

describe('readCommitMessage', () => {
  for (const [body, commits, shows] of brought) {
    test(`brings: ${shows}`, () => {
      const { brings } = readCommitMessage('x: fix', body);
      assert.deepEqual(
        brings.map(({ commit }) => commit),
        commits,
      );
      for (const { line, commit } of brings) assert.ok(line.includes(commit));
    });
  }

  for (const [subject, body, commits, isWhole, shows] of reverted) {
    test(`reverts: ${shows}`, () => {
      const { reverts } = readCommitMessage(subject, body);
      assert.deepEqual(
        reverts.map(({ commit }) => commit),
        commits,
      );
      assert.ok(reverts.every((revert) => revert.isWhole === isWhole));
    });
  }

  for (const [subject, about, isGone] of subjects) {
    test(`subject: ${subject}`, () => {
      const expected = about === undefined ? undefined : { subject: about, isGone };
      assert.deepEqual(readCommitMessage(subject, '').about, expected);
    });
  }

  test('never throws, and takes time by length only', () => {
    const words = [
      'This reverts commit',
      'which is',
      'commit',
      'upstream',
      A,
      'abcdef1',
      '(',
      ')',
      ',',
      '\n',
      'Revert "',
      '"',
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words)).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, text, (subject, body) => {
        readCommitMessage(subject, body);
        normaliseSubject(subject);
      }),
    );
    for (const piece of ['(', 'This reverts commit abcdef1 (', 'Revert "', ' ', 'a1', '[x] ', 'which is ']) {
      const started = process.cpuUsage().user;
      readCommitMessage(piece.repeat(20_000), piece.repeat(20_000));
      assert.ok(process.cpuUsage().user - started < 2_000_000, piece);
    }
  });
});

describe('normaliseSubject', () => {
  for (const subject of [
    'UPSTREAM: net: Fix  it',
    'BACKPORT: FROMGIT: net: fix it.',
    '[PATCH 1/2] net: fix it',
    'net: fix it',
  ]) {
    test(subject, () => assert.equal(normaliseSubject(subject), 'net: fix it'));
  }
});
