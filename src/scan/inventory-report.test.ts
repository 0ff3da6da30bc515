import { expect, test } from 'vitest';
import type { Package } from '../model/package.ts';
import { reportInventory } from './inventory-report.ts';

const installed = (extra: Partial<Package>): Package => ({
  ...{ id: 'x', name: 'a', version: '1', versionScheme: 'dpkg', type: 'deb', namespace: 'debian:12', locations: [] },
  ...extra,
});

test('every package that could not be assessed is counted once', () => {
  const { namespace: _, ...unnamed } = installed({});
  const packages = [
    installed({}),
    installed({ version: '' }),
    installed({ version: 'no version at all' }),
    installed({ version: '', filtered: 'a key' }),
    installed({ namespace: 'poky:1.8' }),
    unnamed,
  ];
  const { ledger } = reportInventory({ target: { kind: 'image', name: 'x' }, packages, layers: [], problems: [] });
  expect(ledger).toEqual({ components: 6, noVersion: 1, unknownNamespace: 2, unreadableVersion: 1, filtered: 1 });
});
