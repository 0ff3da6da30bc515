import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { kernelModulesLister } from './kernel-modules.ts';

describe('the release is the name of its folder', () => {
  for (const release of ['6.1.7', '5.10.72-imx', '6.1.0-28-amd64', '6.12.0-rc3', 'custom']) {
    test(release, async () => {
      const path = `lib/modules/${release}/modules.builtin`;
      expect(await sampleListing(kernelModulesLister, path, '')).toEqual({
        packages: [`linux ${release}`],
        problems: [],
      });
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['lib/modules/6.1.7/modules.builtin', true],
    ['usr/lib/modules/6.1.7/modules.builtin', true],
    ['lib/modules/6.1.7/modules.dep', false],
    ['opt/lib/modules/6.1.7/modules.builtin', false],
    ['lib/modules/modules.builtin', false],
    ['lib/modules/6.1.7/extra/modules.builtin', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(kernelModulesLister, path)).toBe(isWanted));
  }
});
