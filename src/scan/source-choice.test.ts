import { describe, expect, test } from 'vitest';
import { advisory, fakeAdvisories } from '../../test/fake-advisories.ts';
import { describeBy, detectBy, readSourceChoice } from './source-choice.ts';

describe('readSourceChoice', () => {
  for (const [detection, chosen] of [
    [undefined, 'distribution nvd osv'],
    ['nvd,osv', 'nvd osv distribution'],
    ['nvd', 'nvd distribution'],
    ['osv,!distribution', 'osv'],
    ['!distribution', 'nvd osv'],
    ['distribution', 'distribution'],
    [' osv , ', 'osv distribution'],
  ] as const) {
    test(`--detection ${detection} is ${chosen}`, () =>
      expect([...readSourceChoice(detection, undefined).detection].join(' ')).toBe(chosen));
  }

  test('--consolidation takes what it names', () => {
    expect([...readSourceChoice(undefined, 'epss,nvd').consolidation]).toEqual(['nvd', 'epss']);
    expect([...readSourceChoice(undefined, undefined).consolidation]).toHaveLength(5);
  });

  for (const [detection, consolidation, message] of [
    ['nvdd', undefined, '--detection nvdd: it is one of distribution, nvd, osv, !distribution'],
    ['distribution,!distribution', undefined, '--detection names both distribution and !distribution'],
    [undefined, 'distribution', '--consolidation distribution: it is one of nvd, osv, uct, epss, cisa_kev'],
  ] as const) {
    test(message, () => expect(() => readSourceChoice(detection, consolidation)).toThrow(message));
  }
});

test('detectBy leaves out what is not chosen; what OSV has of a distribution is of the distribution', () => {
  const source = fakeAdvisories({
    advisories: [
      advisory({ vulnerabilityId: 'CVE-1', namespace: 'almalinux:9', packageName: 'bash', source: 'osv' }),
      advisory({ vulnerabilityId: 'CVE-2', namespace: 'npm', packageName: 'bash', source: 'osv' }),
      advisory({ vulnerabilityId: 'CVE-3', namespace: 'git', packageName: 'bash', source: 'osv' }),
    ],
    coverage: { 'almalinux:9': [{ source: 'osv' }], npm: [{ source: 'osv' }] },
    products: {},
  });
  const seen = (detection: string) => {
    const chosen = detectBy(source, readSourceChoice(detection, undefined));
    const counts = ['almalinux:9', 'npm', 'git'].map(
      (namespace) => chosen.advisories(namespace, 'bash').length + chosen.coverage(namespace).length,
    );
    return [...counts, chosen.hasProducts];
  };
  expect(seen('nvd')).toEqual([2, 0, 0, true]);
  expect(seen('osv')).toEqual([2, 2, 1, false]);
  expect(seen('osv,!distribution')).toEqual([0, 2, 1, false]);
});

test('describeBy leaves out what is not chosen, and keeps distributions', () => {
  const vulnerability = {
    id: 'CVE-1',
    aliases: [],
    records: ['debian', 'nvd', 'osv'].map((source) => ({ source, id: 'CVE-1' })),
    epss: { score: 0.5 },
    kev: { dateAdded: '2024-01-01' },
  };
  expect(describeBy(vulnerability, readSourceChoice(undefined, undefined))).toBe(vulnerability);
  const { records, epss, kev } = describeBy(vulnerability, readSourceChoice(undefined, 'nvd,epss'));
  expect([records.map(({ source }) => source), epss, kev]).toEqual([['debian', 'nvd'], { score: 0.5 }, undefined]);
});
