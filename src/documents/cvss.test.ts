import { describe, expect, test } from 'vitest';
import { cvssVersionOf, loadCvssScorer } from './cvss.ts';

const score = await loadCvssScorer();

// Scores as NVD or FIRST's examples publish them.
const cases = [
  ['AV:N/AC:L/Au:N/C:P/I:P/A:P', 7.5, '2.0 has no prefix'],
  ['(AV:N/AC:L/Au:N/C:C/I:C/A:C)', 10, '2.0 may stand in brackets'],
  ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', 9.8, '3.0'],
  ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N', 7.2, '3.0 with a changed scope'],
  ['CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:N', 2.5, '3.1'],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N', 0, 'no impact is 0, which is a score'],
  ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O', 9.8, 'temporal metrics leave the base score'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', 9.3, '4.0'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', 10, '4.0, the worst'],
  ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N/E:U', 2.7, '4.0 counts the threat metrics'],
  ['CVSS:3.1/AV:N', undefined, 'metrics are missing'],
  ['CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', undefined, 'no value of that metric'],
  ['CVSS:9.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', undefined, 'no version of CVSS'],
  ['', undefined, 'nothing'],
  ['high', undefined, 'a word'],
  [`CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H${'/E:U'.repeat(200)}`, undefined, 'far too long'],
] as const;

describe('the score of a vector', () => {
  for (const [vector, expected, shows] of cases) {
    test(`${shows}: ${vector.slice(0, 70)}`, () => expect(score(vector)).toBe(expected));
  }
});

describe('the version of a vector', () => {
  for (const [vector, version] of [
    ['AV:L/AC:M/Au:N/C:N/I:N/A:P', '2.0'],
    ['CVSS:3.0/AV:N', '3.0'],
    ['CVSS:3.1/AV:N', '3.1'],
    ['CVSS:4.0/AV:N', '4.0'],
    ['CVSS:2.0/AV:N', undefined],
    ['7.5', undefined],
  ] as const) {
    test(`${vector} is ${version}`, () => expect(cvssVersionOf(vector)).toBe(version));
  }
});
