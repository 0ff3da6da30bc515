import { describe, expect, test } from 'vitest';
import { readCommits, readVersions } from './osv-ranges.ts';
import type { OsvEvent } from './schemas/osv.ts';

/** `introduced 0, fixed 1.2` as events. */
function eventsOf(text: string): readonly OsvEvent[] {
  return text.split(', ').map((event) => {
    const [kind, version] = event.split(' ') as [OsvEvent['kind'], string];
    return { kind, version };
  });
}

function read(...ranges: readonly (readonly [type: string, events: string])[]) {
  return readVersions({
    ecosystem: 'npm',
    name: 'a',
    versions: [],
    informational: undefined,
    ranges: ranges.map(([type, events]) => ({ type, events: eventsOf(events) })),
  });
}

const cases = [
  // events                                                     ranges                                              fix state     what the row shows
  ['introduced 0, fixed 4.17.12', '0 <= v < 4.17.12', 'fixed', 'a fix'],
  ['introduced 1.16.0-0, fixed 1.16.1', '1.16.0-0 <= v < 1.16.1', 'fixed', 'a beginning'],
  ['introduced 0, last_affected 2.1', '0 <= v <= 2.1', 'unknown', 'a last affected version says nothing of a fix'],
  ['introduced 0', '0 <= v', 'not_fixed', 'malware and what nobody mended has no end'],
  [
    'introduced 0, fixed 1.5, introduced 2.0, fixed 2.3',
    '0 <= v < 1.5; 2.0 <= v < 2.3',
    'fixed',
    'two lines of releases',
  ],
  ['introduced 0, fixed 1.5, introduced 2.0', '0 <= v < 1.5; 2.0 <= v', 'fixed', 'the second line is not mended'],
  ['introduced 0, fixed 1.5, fixed 1.6, fixed 2.0', '0 <= v < 1.5', 'fixed', 'what is fixed stays fixed'],
  ['introduced 0, limit 3.0', '0 <= v < 3.0', 'unknown', 'a limit ends like a fix, and is none'],
  ['introduced 0, limit *', '0 <= v', 'unknown', 'no limit'],
] as const;

describe('readVersions', () => {
  for (const [events, ranges, fixState, shows] of cases) {
    test(`${events}: ${shows}`, () => {
      const found = read(['ECOSYSTEM', events]);
      const text = found.affected
        .map(
          ({ introduced, fixed, lastAffected }) =>
            `${introduced} <= v${fixed ? ` < ${fixed}` : ''}${lastAffected ? ` <= ${lastAffected}` : ''}`,
        )
        .join('; ');
      expect({ text, fixState: found.fixState, isUndecided: found.isUndecided }).toEqual({
        text: ranges,
        fixState,
        isUndecided: false,
      });
    });
  }

  test('commits say nothing of versions', () => {
    expect(read(['GIT', 'introduced 0, fixed c45d7c49'])).toEqual({
      affected: [],
      fixState: 'unknown',
      isUndecided: false,
    });
    expect(read(['GIT', 'introduced 0, fixed c45d7c49'], ['ECOSYSTEM', 'introduced 0, fixed 2.20.0']).affected).toEqual(
      [{ introduced: '0', fixed: '2.20.0' }],
    );
  });

  // biome-ignore format: a table
  const commits = [
    ['introduced 0, fixed AA, fixed bb', [{ introduced: '0', fixed: 'aa' }, { introduced: '0', fixed: 'bb' }]],
    ['introduced aa, introduced bb, fixed cc', [{ introduced: 'aa', fixed: 'cc' }, { introduced: 'bb', fixed: 'cc' }]],
    ['introduced aa, last_affected bb', [{ introduced: 'aa', lastAffected: 'bb' }]],
    ['introduced 0, limit cc', [{ introduced: '0', fixed: 'cc' }]],
    ['introduced 0, limit *', [{ introduced: '0' }]],
    ['fixed aa', [{ introduced: '0', fixed: 'aa' }]],
  ] as const;
  for (const [events, ranges] of commits) {
    test(`commits ${events}: no end is lost, and none is open where one is stated`, () =>
      expect(readCommits({ type: 'GIT', events: eventsOf(events) })).toEqual(ranges));
  }

  const undecided = [
    ['introduced 0, introduced 2.0, fixed 1.5, fixed 2.3', 'two beginnings before an end'],
    ['fixed 1.5, introduced 0', 'an end before its beginning'],
  ] as const;
  for (const [events, shows] of undecided) {
    test(`${events}: ${shows}, so nothing is decided and no version is left out`, () => {
      expect(read(['SEMVER', events])).toMatchObject({ affected: [{ introduced: '0' }], isUndecided: true });
    });
  }
});
