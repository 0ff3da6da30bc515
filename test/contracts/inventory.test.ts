import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkText, detectorContract } from '../../src/inventory/detector.contract.ts';
import { detectors } from '../../src/inventory/detectors/registry.ts';
import { checkBytes, listerContract } from '../../src/inventory/lister.contract.ts';
import { listers } from '../../src/inventory/listers/registry.ts';

const inventory = resolve(import.meta.dirname, '../../src/inventory');

/** A fixture folder holds `root/`, a small image, and what is expected of it. */
function readRoot(folder: string): ReadonlyMap<string, Buffer> {
  const root = join(folder, 'root');
  const paths = globSync('**/*', { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path))]));
}

for (const [family, names] of [
  ['listers', listers.map(({ name }) => name)],
  ['detectors', detectors.map(({ name }) => name)],
] as const) {
  test(`${family}: every plugin has a fixture folder, and every fixture folder a plugin`, () => {
    expect(readdirSync(join(inventory, family, 'fixtures')).sort()).toEqual([...names].sort());
  });
}

for (const lister of listers) {
  const folder = join(inventory, 'listers/fixtures', lister.name);
  describe.skipIf(!existsSync(folder))(`lister ${lister.name}`, () => {
    const files = existsSync(folder) ? readRoot(folder) : new Map();
    const expected = existsSync(folder) ? JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) : [];
    for (const { name, check } of listerContract(lister, { files, expected })) test(name, check);

    test('it takes any bytes', async () => {
      const paths = fc.constantFrom(...files.keys());
      await fc.assert(
        fc.asyncProperty(paths, fc.uint8Array({ maxLength: 512 }), (path, bytes) => checkBytes(lister, path, bytes)),
      );
    });

    test('it takes its fixture with any bytes changed', async () => {
      const change = fc.record({
        path: fc.constantFrom(...files.keys()),
        at: fc.nat(),
        bytes: fc.uint8Array({ maxLength: 16 }),
      });
      await fc.assert(
        fc.asyncProperty(change, async ({ path, at, bytes }) => {
          const changed = Buffer.from(files.get(path)!);
          changed.set(bytes.subarray(0, Math.max(0, changed.length - (at % changed.length))), at % changed.length);
          await checkBytes(lister, path, changed);
        }),
      );
    });
  });
}

for (const detector of detectors) {
  describe(`detector ${detector.name}`, () => {
    const folder = join(inventory, 'detectors/fixtures', detector.name);
    const texts = Object.fromEntries([...readRoot(folder)].map(([path, bytes]) => [path, bytes.toString()]));
    const namespace = readFileSync(join(folder, 'expected.txt'), 'utf8').trim();
    for (const { name, check } of detectorContract(detector, { texts, namespace })) test(name, check);

    test('it takes any text', () =>
      fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => checkText(detector, text))));
  });
}
