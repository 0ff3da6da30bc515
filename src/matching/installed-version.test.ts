import { describe, expect, test } from 'vitest';
import { readInstalled } from './installed-version.ts';

describe('a version that cannot be read', () => {
  // biome-ignore format: a table
  const cases = [
    // scheme    installed      what is affected                                        reason
    ['semver',   '1.3',         { affected: [{ introduced: '0', lastAffected: '1.3' }] }, '1.3 is the last affected version'],
    ['go',       'v2018-05-19', { affected: [{ introduced: '0', lastAffected: '2018-05-19' }] }, 'v2018-05-19 is the last affected version'],
    ['semver',   '1.3',         { affected: [{ introduced: '1.3', fixed: '2.0.0' }] }, '1.3 is where the range begins'],
    ['semver',   '1.3',         { affected: [{ introduced: '0' }] }, 'all versions are affected'],
    ['go',       'v1.x',        { affected: [], versions: ['1.x'] }, 'listed among the versions'],
    ['semver',   '1.3',         { affected: [{ introduced: '1.3', fixed: '1.3' }] }, undefined],
    ['semver',   '1.3',         { affected: [{ introduced: '0', fixed: '1.3' }] }, undefined],
    ['semver',   '1.3',         { affected: [{ introduced: '0', lastAffected: '1.4.0' }] }, undefined],
    ['semver',   '1.3',         { affected: [{ introduced: '0', fixed: '2.0.0' }], versions: ['1.30'] }, undefined],
  ] as const;
  for (const [scheme, version, advisory, reason] of cases) {
    test(`${scheme} ${version}, ${JSON.stringify(advisory)}: ${reason ?? 'no answer'}`, () => {
      const said = readInstalled(scheme, version).judge(advisory);
      expect(said && [said.outcome, said.reason]).toEqual(reason && ['affected', reason]);
    });
  }
});
