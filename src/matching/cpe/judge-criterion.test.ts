import { describe, expect, test } from 'vitest';
import type { CpeCriteria } from '../../model/cpe-configuration.ts';
import type { Package } from '../../model/package.ts';
import { judgeCriterion } from './judge-criterion.ts';
import { guessedCpe, statedCpes } from './package-cpe.ts';

type Bounds = Omit<CpeCriteria, 'criteria' | 'vulnerable'>;

/** What a criterion says of a package of one CPE. */
function judge(cpe: string, criteria: string, bounds: Bounds = {}, installed: Partial<Package> = {}) {
  const [named] = statedCpes({ name: 'x', version: '', type: 'generic', ...installed, cpes: [cpe] });
  const verdict = named && judgeCriterion({ criteria: whole(criteria), vulnerable: true, ...bounds }, named);
  return verdict && `${verdict.comparison.outcome} ${verdict.confidence}`;
}

/** With `*` for what is left out at the end. */
function whole(criteria: string): string {
  return criteria + ':*'.repeat(13 - criteria.split(/(?<!\\):/).length);
}

const below = (version: string): Bounds => ({ versionEndExcluding: version });

describe('versions', () => {
  const openssl = (version: string) => `cpe:2.3:a:openssl:openssl:${version}`;
  for (const [version, criterion, bounds, answer, shows] of [
    ['1.0.2t', '*', below('1.0.2u'), 'affected exact', 'OpenSSL: t is before u'],
    ['1.0.2u', '*', below('1.0.2u'), 'not_affected exact', 'the end is not included'],
    ['1.0.2u', '*', { versionEndIncluding: '1.0.2u' }, 'affected exact', 'or is'],
    ['1.0.2', '*', { versionStartExcluding: '1.0.2' }, 'not_affected exact', 'the start is not included'],
    ['1.0.2', '*', { versionStartIncluding: '1.0.2', ...below('1.0.2za') }, 'affected exact', 'or is'],
    ['1.0.2z', '*', below('1.0.2za'), 'affected exact', 'za is after z'],
    ['1.0.2zd', '*', below('1.0.2za'), 'not_affected exact', 'zd is after za'],
    ['1.0.2u', '1.0.2', {}, 'not_affected exact', 'a letter makes another version'],
    ['3.0.0', '3.0', {}, 'affected exact', 'zeroes do not'],
    ['3.0.0:alpha1', '*', below('3.0.0'), 'affected exact', 'an update comes before or after its version'],
    ['3.0.0:alpha1', '3.0.0:alpha1', {}, 'affected exact', 'an update that is named'],
    ['3.0.0', '3.0.0:alpha1', {}, 'not_affected exact', 'a release is no alpha'],
    ['3.0.0-alpha1', '3.0.0:alpha1', {}, 'affected exact', 'also within the version'],
    ['3.0.0:alpha1', '3.0.0:-', {}, 'not_affected exact', 'a hyphen: without any update'],
    ['3.0.0:alpha1', '3.0.0', {}, 'affected exact', 'an asterisk: with any update'],
    ['1.1.1', '*', {}, 'affected exact', 'an asterisk without bounds: all versions'],
    ['1.1.1', '-', {}, 'not_affected exact', 'a hyphen: none'],
    ['1.1.1k', '1.1.1*', {}, 'affected exact', 'a wildcard in the criterion'],
    ['1.0.9', '1.1.*', {}, 'not_affected exact', 'holds its own versions only'],
    ['*', '*', below('1.0.2u'), 'affected wildcard', 'the inventory states no version'],
    ['-', '*', below('1.0.2u'), 'affected wildcard', 'nor with a hyphen'],
    ['*', '*', {}, 'affected exact', 'which does not matter where all are affected'],
    ['next', '*', below('1.0.2u'), 'affected wildcard', 'what cannot be compared counts as affected'],
    ['1.0', '*', below('next'), 'affected wildcard', 'also for an unreadable bound'],
    ['next', 'next', {}, 'affected exact', 'equality needs no order'],
    ['next', 'last', {}, 'not_affected exact', 'neither does inequality'],
  ] as const) {
    test(`${version} by ${criterion} ${JSON.stringify(bounds)} is ${answer}: ${shows}`, () =>
      expect(judge(openssl(version), openssl(criterion), bounds)).toBe(answer));
  }

  test('a package states the version that its CPE leaves open', () => {
    expect(judge(openssl('*'), openssl('*'), below('3.0.7'), { version: '3.0.8' })).toBe('not_affected exact');
    expect(judge(openssl('-'), openssl('*'), below('3.0.7'), { version: '3.0.6' })).toBe('affected exact');
  });
});

describe('names', () => {
  for (const [cpe, criterion, answer, shows] of [
    ['cpe:2.3:a:haxx:curl:7.0', 'cpe:2.3:a:haxx:curl', 'affected exact', 'vendor and product'],
    ['cpe:2.3:a:curl:curl:7.0', 'cpe:2.3:a:haxx:curl', 'affected product', 'another vendor may be the same product'],
    ['cpe:2.3:*:*:curl:7.0', 'cpe:2.3:a:haxx:curl', 'affected exact', 'the inventory names no vendor'],
    ['cpe:2.3:*:*:ios:7.0', 'cpe:2.3:h:cisco:ios', undefined, 'no inventory of software means hardware'],
    ['cpe:2.3:a:linux:linux_kernel:6.1', 'cpe:2.3:o:linux:linux_kernel', undefined, 'parts differ'],
    ['cpe:2.3:a:v:curl:7', 'cpe:2.3:a:v:libcurl', undefined, 'another product'],
    ['cpe:2.3:a:gnu:libstdc++:7', 'cpe:2.3:a:gnu:libstdc\\+\\+', 'affected exact', 'escapes are no part of a name'],
    ['cpe:/a:gnu:libstdc%2b%2b:7', 'cpe:2.3:a:gnu:libstdc\\+\\+', 'affected exact', 'nor is the form'],
    ['cpe:2.3:a:v:p:1:*:*:de', 'cpe:2.3:a:v:p:*:*:*:en', undefined, 'another language'],
    ['cpe:2.3:a:v:p:1:*:*:*:lite', 'cpe:2.3:a:v:p:*:*:*:*:pro', undefined, 'another edition of the software'],
    ['cpe:2.3:a:v:p:1', 'cpe:2.3:a:v:p:*:*:*:*:lts', 'affected exact', 'an edition that is left open'],
    ['cpe:2.3:a:v:p:1:*:*:*:*:joomla', 'cpe:2.3:a:v:p:*:*:*:*:*:wordpress', undefined, 'made for something else'],
    ['cpe:2.3:a:v:p:1', 'cpe:2.3:a:v:p:*:*:*:*:*:wordpress', 'affected wildcard', 'what it is made for is left open'],
    ['cpe:2.3:a:v:p:1', 'cpe:2.3:a:v:p:*:*:*:*:*:linux', 'affected exact', 'Linux excludes nothing'],
  ] as const) {
    test(`${cpe} by ${criterion} is ${answer}: ${shows}`, () => expect(judge(cpe, criterion)).toBe(answer));
  }

  test('the ecosystem says what a package is made for', () => {
    const [cpe, criterion] = ['cpe:2.3:a:v:slider:1', 'cpe:2.3:a:v:slider:*:*:*:*:*:wordpress'];
    expect(judge(cpe, criterion, {}, { type: 'npm' })).toBeUndefined();
    expect(judge(cpe, 'cpe:2.3:a:v:slider:*:*:*:*:*:node.js', {}, { type: 'npm' })).toBe('affected exact');
  });
});

test('a guess is by the last part of the name, of any vendor', () => {
  const guess = (name: string) => guessedCpe({ name, version: '1.0', type: 'generic' })?.text;
  expect(guess('github.com/Foo/Bar+Baz')).toBe('cpe:2.3:a:*:bar\\+baz:*:*:*:*:*:*:*:*');
  expect(guess('org.apache:log4j')).toBe('cpe:2.3:a:*:log4j:*:*:*:*:*:*:*:*');
  expect(guess('')).toBeUndefined();
  const verdict = judgeCriterion(
    { criteria: whole('cpe:2.3:a:apache:log4j'), vulnerable: true, versionEndExcluding: '2.0' },
    guessedCpe({ name: 'org.apache:log4j', version: '1.2', type: 'maven' })!,
  );
  expect(verdict).toMatchObject({ confidence: 'guessed', comparison: { outcome: 'affected', reason: '1.2 < 2.0' } });
});
