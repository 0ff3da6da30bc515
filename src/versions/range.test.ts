import { describe, expect, test } from 'vitest';
import type { AffectedRange } from '../model/advisory.ts';
import { judge, prepare } from './range.ts';

interface Row {
  readonly version: string;
  readonly affected?: readonly AffectedRange[];
  readonly versions?: readonly string[];
  readonly outcome: 'affected' | 'not_affected' | 'undecided';
  readonly reason: string;
}

const from = (introduced: string, end: Omit<AffectedRange, 'introduced'> = {}): AffectedRange => ({
  introduced,
  ...end,
});

/** In the scheme pep440, which knows versions below 0 and ways to spell the same version. */
const rows: Readonly<Record<string, Row>> = {
  'a version below the fix is affected': {
    version: '1.2.3',
    affected: [from('0', { fixed: '1.2.4' })],
    outcome: 'affected',
    reason: '1.2.3 < 1.2.4',
  },
  'the fixed version is not': {
    version: '1.2.4',
    affected: [from('0', { fixed: '1.2.4' })],
    outcome: 'not_affected',
    reason: '1.2.4 >= 1.2.4, where it is fixed',
  },
  'the version that introduced it is affected': {
    version: '1.2',
    affected: [from('1.2', { fixed: '1.3' })],
    outcome: 'affected',
    reason: '1.2 <= 1.2 < 1.3',
  },
  'the one before is not': {
    version: '1.1',
    affected: [from('1.2', { fixed: '1.3' })],
    outcome: 'not_affected',
    reason: '1.1 < 1.2, where the range begins',
  },
  'the last affected version is affected': {
    version: '1.3',
    affected: [from('0', { lastAffected: '1.3.0' })],
    outcome: 'affected',
    reason: '1.3 <= 1.3.0',
  },
  'the one after is not': {
    version: '1.3.1',
    affected: [from('0', { lastAffected: '1.3' })],
    outcome: 'not_affected',
    reason: '1.3.1 > 1.3, the last affected version',
  },
  'a build of the fixed version is fixed': {
    version: '1.2.4+cpu',
    affected: [from('0', { fixed: '1.2.4' })],
    outcome: 'not_affected',
    reason: '1.2.4+cpu >= 1.2.4, where it is fixed',
  },
  'a build of the last affected version is affected': {
    version: '1.3+cpu',
    affected: [from('0', { lastAffected: '1.3.0' })],
    outcome: 'affected',
    reason: '1.3+cpu <= 1.3.0',
  },
  'a build of a listed version is listed': {
    version: '1.13.1+cu117',
    versions: ['1.13.1'],
    outcome: 'affected',
    reason: 'listed among the versions',
  },
  'a listed build is that build alone': {
    version: '1.13.1+cpu',
    versions: ['1.13.1+cu117'],
    outcome: 'not_affected',
    reason: 'not listed among the versions',
  },
  'a version without a build is not a listed build': {
    version: '1.13.1',
    versions: ['1.13.1+cu117'],
    outcome: 'not_affected',
    reason: 'not listed among the versions',
  },
  'builds are ordered where the bound is one': {
    version: '1.3+local.2',
    affected: [from('0', { lastAffected: '1.3+local.1' })],
    outcome: 'not_affected',
    reason: '1.3+local.2 > 1.3+local.1, the last affected version',
  },
  'a fixed version decides before a last affected one': {
    version: '1.3.1',
    affected: [from('0', { lastAffected: '1.3', fixed: '1.4' })],
    outcome: 'affected',
    reason: '1.3.1 < 1.4',
  },
  'a range without an end has none': {
    version: '99',
    affected: [from('1.2')],
    outcome: 'affected',
    reason: '1.2 <= 99',
  },
  'introduced 0 is the beginning of everything': {
    version: '0.dev1',
    affected: [from('0')],
    outcome: 'affected',
    reason: 'all versions are affected',
  },
  'any range is enough': {
    version: '2.5',
    affected: [from('1.0', { fixed: '1.5' }), from('2.0', { fixed: '2.6' })],
    outcome: 'affected',
    reason: '2.0 <= 2.5 < 2.6',
  },
  'between two ranges the one it lies behind says why not': {
    version: '1.7',
    affected: [from('1.0', { fixed: '1.5' }), from('2.0', { fixed: '2.6' })],
    outcome: 'not_affected',
    reason: '1.7 >= 1.5, where it is fixed',
  },
  'an unreadable end is undecided': {
    version: '1.0',
    affected: [from('0', { fixed: 'soon' })],
    outcome: 'undecided',
    reason: 'bound "soon" cannot be read',
  },
  'an unreadable beginning is undecided': {
    version: '1.0',
    affected: [from('the beginning', { fixed: '2.0' })],
    outcome: 'undecided',
    reason: 'bound "the beginning" cannot be read',
  },
  'an empty bound is unreadable': {
    version: '1.0',
    affected: [from('', { fixed: '' })],
    outcome: 'undecided',
    reason: 'bound "" cannot be read',
  },
  'an unreadable end does not matter before the beginning': {
    version: '1.0',
    affected: [from('2.0', { fixed: 'soon' })],
    outcome: 'not_affected',
    reason: '1.0 < 2.0, where the range begins',
  },
  'an unreadable beginning does not matter after the fix': {
    version: '3.0',
    affected: [from('once', { fixed: '2.0' })],
    outcome: 'not_affected',
    reason: '3.0 >= 2.0, where it is fixed',
  },
  'an undecided range gives way to one that holds the version': {
    version: '1.0',
    affected: [from('0', { fixed: 'soon' }), from('0', { fixed: '2.0' })],
    outcome: 'affected',
    reason: '1.0 < 2.0',
  },
  'and to a listed version': {
    version: '1.0',
    affected: [from('0', { fixed: 'soon' })],
    versions: ['1.0'],
    outcome: 'affected',
    reason: 'listed among the versions',
  },
  'but not to a range that does not hold it': {
    version: '3.0',
    affected: [from('0', { fixed: 'soon' }), from('0', { fixed: '2.0' })],
    outcome: 'undecided',
    reason: 'bound "soon" cannot be read',
  },
  'a listed version counts as text': {
    version: '1.0',
    versions: ['0.9', '1.0'],
    outcome: 'affected',
    reason: 'listed among the versions',
  },
  'and in the order of the scheme': {
    version: '1.0',
    versions: ['junk', 'v1.0.0'],
    outcome: 'affected',
    reason: 'listed among the versions',
  },
  'a version that is not listed is not affected': {
    version: '1.0.1',
    versions: ['junk', '1.0'],
    outcome: 'not_affected',
    reason: 'not listed among the versions',
  },
  'an advisory may state nothing': {
    version: '1.0',
    outcome: 'not_affected',
    reason: 'no affected versions are stated',
  },
};

describe('judge', () => {
  for (const [shows, { version, affected = [], versions, outcome, reason }] of Object.entries(rows)) {
    test(shows, () => {
      const comparison = judge('pep440', version, { affected, ...(versions && { versions }) });
      expect(comparison).toMatchObject({ scheme: 'pep440', version, outcome, reason });
    });
  }

  test('names the range that held the version, or that last excluded it', () => {
    const affected = [from('1.0', { fixed: '1.5' }), from('2.0', { fixed: '2.6' })];
    expect(judge('pep440', '1.2', { affected }).range).toBe(affected[0]);
    expect(judge('pep440', '2.7', { affected }).range).toBe(affected[1]);
    expect(judge('pep440', '3.0', { affected, versions: ['3.0'] }).range).toBeUndefined();
  });

  test('before 0 there is something in dpkg too', () => {
    expect(judge('dpkg', '0~rc1', { affected: [from('0', { fixed: '1' })] }).outcome).toBe('affected');
  });

  test('an unreadable installed version is an error, listed or not', () => {
    expect(() => judge('pep440', 'trunk', { affected: [from('0')], versions: ['trunk'] })).toThrow(
      expect.objectContaining({ code: 'version.malformed' }),
    );
  });

  test('an unknown scheme is an error', () => {
    expect(() => judge('deb', '1', { affected: [] })).toThrow(
      expect.objectContaining({ code: 'version.unknown-scheme' }),
    );
  });
});

describe('prepare', () => {
  test('reads the installed version once', () => {
    const read: string[] = [];
    const scheme = {
      name: 'counted',
      parse: (text: string) => {
        read.push(text);
        return text;
      },
      compare: (a: unknown, b: unknown) => String(a).localeCompare(String(b)),
    };
    const question = prepare(scheme, 'm');
    question.judge({ affected: [from('0', { fixed: 'x' })] });
    question.judge({ affected: [from('a', { fixed: 'b' })] });
    expect(read).toEqual(['m', 'x', 'a', 'b']);
  });

  test('a defect of a scheme is not taken for an unreadable bound', () => {
    const broken = {
      name: 'broken',
      parse: (text: string) => text,
      compare: () => {
        throw new TypeError('defect');
      },
    };
    expect(() => prepare(broken, '1').judge({ affected: [from('0', { fixed: '2' })] })).toThrow(TypeError);
  });
});
