import { describe, expect, test } from 'vitest';
import { isErratum, isErratumWithoutSecurity } from './erratum.ts';

describe('isErratum', () => {
  for (const id of [
    'RHSA-2024:0001',
    'ALSA-2022:1065',
    'RLSA-2019:0975',
    'RXSA-2023:0101',
    'ELSA-2022-1065',
    'ALAS2-2022-1766',
    'ALAS-2014-418',
    'DSA-5103-1',
    'DLA-2952-1',
    'USN-5328-1',
    'SUSE-SU-2022:0857-1',
    'openSUSE-SU-2022:0857-1',
  ]) {
    test(id, () => expect(isErratum(id)).toBe(true));
  }
  for (const id of [
    'CVE-2022-0778',
    'GHSA-x3mh-jvjw-3xwx',
    'GO-2022-0001',
    'PYSEC-2021-59',
    'RUSTSEC-2022-0014',
    'MAL-2022-1',
    'XSA-398',
    'ALPINE-13661',
    'TEMP-0000000-1',
  ]) {
    test(`${id} is none`, () => expect(isErratum(id)).toBe(false));
  }
});

test('bug fixes and enhancements are told by their kind', () => {
  expect(['ALBA-2019:0973', 'RHEA-2020:1', 'RLBA-2021:1', 'ALSA-2022:1065'].map(isErratumWithoutSecurity)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
