import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { updaterChecks } from '../../src/feeds/updater.contract.ts';
import { findUpdater, updaters } from '../../src/feeds/updaters/registry.ts';

const folder = resolve(import.meta.dirname, '../../src/feeds/updaters');
const fixtures = join(folder, 'fixtures');

describe('registry', () => {
  test('every fixture folder is one registered updater', () => {
    expect(readdirSync(fixtures).sort()).toEqual(updaters.map(({ name }) => name).sort());
  });

  test('is sorted, and names and aliases are told apart', () => {
    const names = updaters.map(({ name }) => name);
    expect(names).toEqual(names.toSorted());
    const words = updaters.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(words).size).toBe(words.length);
    for (const word of words) expect(findUpdater(word)).toBeDefined();
  });
});

for (const updater of updaters) {
  describe(updater.name, () => {
    for (const { name, check } of updaterChecks(updater, join(fixtures, updater.name))) {
      test(name, check);
    }
  });
}
