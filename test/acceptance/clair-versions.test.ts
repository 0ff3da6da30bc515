import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isClairVersion } from '../../src/wire/clair-v1/clair-version.ts';
import { sharedData } from './shared-data.ts';

const data = sharedData();

describe.skipIf(!data)('what Clair takes for a version', () => {
  test('as its own parsers answered', () => {
    const cases = JSON.parse(readFileSync(join(data!.un, 'versions/version-validity.json'), 'utf8')) as readonly {
      readonly format: string;
      readonly version: string;
      readonly valid: boolean;
    }[];
    expect(cases.length).toBeGreaterThan(90);
    const wrong = cases.filter(({ format, version, valid }) => isClairVersion(format, version) !== valid);
    expect(wrong).toEqual([]);
  });
});
