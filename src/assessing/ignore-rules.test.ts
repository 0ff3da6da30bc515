import { describe, expect, test } from 'vitest';
import { applyIgnoreRules } from './apply-ignore-rules.ts';
import { readIgnoreRules } from './ignore-rules.ts';
import { sampleFinding, samplePackage } from './sample-finding.ts';

const now = new Date('2026-08-01T12:00:00Z');

function ignore(...rules: readonly object[]) {
  const { findings, problems } = applyIgnoreRules([sampleFinding], readIgnoreRules(rules, '.cvescanignore'), {
    packages: new Map([[samplePackage.id, samplePackage]]),
    now,
  });
  return { ignored: findings[0]?.ignored, problems };
}

const reason = 'No untrusted input reaches it';
const vulnerability = 'CVE-2024-5535';

describe('a rule holds', () => {
  const cases = [
    // rule                                                                 holds   what the row shows
    [{ vulnerability }, true, 'of the vulnerability, in all packages'],
    [{ vulnerability: 'GHSA-4fc7-mvrr-wv2c' }, true, 'under an alias'],
    [{ vulnerability: 'CVE-2024-2511' }, false, 'another vulnerability'],
    [{ issueKey: '1'.repeat(32) }, true, 'of an issue'],
    [{ issueKey: '2'.repeat(32) }, false, 'another issue'],
    [{ vulnerability, package: 'libssl3' }, true, 'in a package by name'],
    [{ vulnerability, package: 'libssl3@3.0.11-1~deb12u2' }, true, 'in one version of it'],
    [{ vulnerability, package: 'libssl3@3.0.12' }, false, 'another version'],
    [{ vulnerability, package: 'openssl' }, false, 'the source package is not the package'],
    [{ vulnerability, package: 'pkg:deb/debian/libssl3' }, true, 'a purl without version'],
    [{ vulnerability, package: 'pkg:deb/debian/libssl3?arch=arm64' }, false, 'a qualifier that differs'],
    [{ vulnerability, path: 'var/lib/dpkg/*' }, true, 'below a path'],
    [{ vulnerability, path: '/usr/**' }, false, 'elsewhere'],
  ] as const;
  for (const [rule, holds, shows] of cases) {
    test(`${shows}: ${holds ? 'yes' : 'no'}`, () =>
      expect(ignore({ ...rule, reason }).ignored).toEqual(holds ? { reason } : undefined));
  }

  test('the first of several', () =>
    expect(ignore({ vulnerability, reason: 'one' }, { vulnerability, reason: 'two' })).toEqual({
      ...{ ignored: { reason: 'one' }, problems: [] },
    }));
});

describe('expiry and use', () => {
  test('a rule counts on its last day', () =>
    expect(ignore({ vulnerability, reason, expires: '2026-08-01' })).toEqual({
      ...{ ignored: { reason, expires: '2026-08-01' }, problems: [] },
    }));

  test('an expired rule does not count, and is listed', () =>
    expect(ignore({ vulnerability, reason, expires: '2026-07-31' })).toEqual({
      ignored: undefined,
      problems: [
        {
          code: 'ignore.expired',
          message: '.cvescanignore[0] (CVE-2024-5535) does not count since 2026-07-31',
          path: '.cvescanignore[0]',
        },
      ],
    }));

  test('a rule that holds of nothing is listed', () =>
    expect(ignore({ vulnerability: 'CVE-2024-2511', package: 'libssl3', reason }).problems).toMatchObject([
      { code: 'ignore.unused', message: '.cvescanignore[0] (CVE-2024-2511 libssl3) holds of no finding' },
    ]));
});

describe('what is refused', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [{}, '.cvescanignore: it must be a list of rules'],
    [[{ vulnerability }], '.cvescanignore[0]: it needs a reason'],
    [[{ vulnerability, reason: ' ' }], '.cvescanignore[0]: reason is a text'],
    [[{ reason }], '.cvescanignore[0]: it names a vulnerability, or an issueKey'],
    [[{ vulnerability, issueKey: 'a', reason }], '.cvescanignore[0]: it names a vulnerability, or an issueKey'],
    [[{ vulnerability, reason, expires: 'soon' }], '.cvescanignore[0]: expires is a date'],
    [[{ vulnerability, reason, expires: '2026-02-30x' }], '.cvescanignore[0]: expires is a date'],
    [[{ vulnerability, reason, until: '2026-08-01' }], '.cvescanignore[0]: unknown key until'],
    [[{ vulnerability, reason, packge: 'a' }], 'did you mean package?'],
    [['CVE-2024-5535'], '.cvescanignore[0]: it names a vulnerability'],
  ];
  for (const [rules, message] of cases) {
    test(message, () => expect(() => readIgnoreRules(rules, '.cvescanignore')).toThrow(message));
  }
  test('nothing is no rules', () => expect(readIgnoreRules(null, 'x')).toEqual([]));
});
