import { describe, expect, test } from 'vitest';
import { severityOfCvss } from './severity.ts';

/** `source:type:version:score`, e.g. `nvd:Primary:3.1:9.8`. */
function recordsOf(...scores: readonly string[]) {
  return scores.map((text) => {
    const [source = '', type = '', version = '', score] = text.split(':');
    return {
      source,
      id: 'CVE-2021-44228',
      cvss: [{ version, type, vector: '', source, ...(score && { score: +score }) }],
    };
  });
}

const cases = [
  [['nvd:Primary:3.1:9.8'], 'critical', 'nvd', 'one score'],
  [['nvd:Secondary:4.0:9.3', 'nvd:Primary:3.1:7.5'], 'high', 'nvd', "NVD's own before a newer version of its CNA"],
  [['nvd:Primary:2.0:4.3', 'nvd:Primary:3.1:9.8'], 'critical', 'nvd', 'the newest version of one source'],
  [['osv::3.1:9.8', 'nvd:Secondary:3.1:5.0'], 'medium', 'nvd', "a CNA's score before OSV's"],
  [['rhel::3.1:5.0', 'osv::3.1:9.8'], 'critical', 'osv', "OSV's before a distribution's"],
  [['rhel::3.1:3.1'], 'low', 'rhel', 'anybody before nobody'],
  [['nvd:Primary:2.0:10'], 'high', 'nvd', 'version 2 has no critical'],
  [['nvd:Primary:3.1:0'], 'negligible', 'nvd', 'a score of nothing'],
] as const;

describe('severityOfCvss', () => {
  for (const [scores, word, source, shows] of cases) {
    test(`${shows}: ${word}`, () =>
      expect(severityOfCvss({ records: recordsOf(...scores) })).toEqual({ word, source }));
  }

  test('nobody has scored it', () => {
    expect(severityOfCvss({ records: recordsOf('nvd:Primary:3.1') })).toBeUndefined();
    expect(severityOfCvss({ records: [{ source: 'nvd', id: 'CVE-2021-44228' }] })).toBeUndefined();
  });
});
