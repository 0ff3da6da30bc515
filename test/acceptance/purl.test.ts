import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parsePurl } from '../../src/documents/purl.ts';
import { formatPurl } from '../../src/documents/write-purl.ts';
import { sharedData } from './shared-data.ts';

interface SuiteCase {
  readonly description: string;
  readonly purl: string;
  readonly canonical_purl: string | null;
  readonly is_invalid: boolean;
}

const shared = sharedData();

describe.skipIf(!shared)('the purl test suite', () => {
  const suite: readonly SuiteCase[] = shared
    ? JSON.parse(readFileSync(join(shared.un, 'versions/purl-test-suite-data.json'), 'utf8'))
    : [];
  for (const { description, purl, canonical_purl, is_invalid } of suite) {
    test(`${description}: ${purl}`, () => {
      const parsed = parsePurl(purl);
      if (is_invalid) expect(parsed).toBe(undefined);
      else expect(parsed && formatPurl(parsed)).toBe(canonical_purl);
    });
  }
});
