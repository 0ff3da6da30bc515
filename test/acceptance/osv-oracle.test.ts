import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { OsvOracle } from './oracle/osv-oracle.ts';
import { scanInventory } from './oracle/scan-report.ts';
import { advisoryDatabase, drawnSbom, sharedData } from './shared-data.ts';

const shared = sharedData();

/**
 * Packages whose versions the rules of their registry do not allow. Where a record's answer depends on the order, the oracle has no
 * answer; the scan says so once, in the ledger, not in a finding for each record.
 */
const UNREADABLE = 'in the ledger as unreadableVersion';

describe.skipIf(!shared)('findings of 10,000 packages and an independent reading of the records', () => {
  /** `<purl> <vulnerability>` and what is said of it. */
  const scanned = new Map<string, string>();
  const read = new Map<string, string>();
  const unreadable = new Set<string>();
  beforeAll(() => {
    const file = drawnSbom(10_000);
    const { packages, findings, ledger } = scanInventory(file, advisoryDatabase());
    const purls = new Map(packages.map(({ id, purl = '' }) => [id, purl]));
    const isLanguage = (purl: string): boolean => !purl.startsWith('pkg:deb/');
    for (const { packageId, vulnerability, status } of findings) {
      const purl = purls.get(packageId)!;
      if (isLanguage(purl)) scanned.set(keyOf(purl, vulnerability.id), status);
    }
    for (const { packageId, class: name } of ledger.notAssessed)
      if (name === 'unreadableVersion') unreadable.add(keyOf(purls.get(packageId)!, ''));

    const oracle = new OsvOracle(shared!.mirror);
    const { components } = JSON.parse(readFileSync(file, 'utf8')) as { components: { purl: string }[] };
    for (const { purl } of components.filter((one) => isLanguage(one.purl)))
      for (const [id, verdict] of oracle.concernsOf(purl)) read.set(keyOf(purl, id), verdict);
  });

  test('there is much to compare', () => expect(scanned.size).toBeGreaterThan(60_000));

  test('nothing is found that the records do not say', () => {
    expect([...scanned.keys()].filter((pair) => !read.has(pair))).toEqual([]);
  });

  test(`nothing is missed, but what is ${UNREADABLE}`, () => {
    const missed = [...read].filter(([pair]) => !scanned.has(pair));
    const unexplained = missed.filter(
      ([pair, verdict]) => verdict === 'affected' || !unreadable.has(`${pair.slice(0, pair.lastIndexOf(' '))} `),
    );
    expect(unexplained).toEqual([]);
    expect(unreadable.size).toBeLessThan(20);
  });

  test('what a bound leaves open is under investigation, all else affected', () => {
    const differing = [...scanned].filter(
      ([pair, status]) => read.has(pair) && (status === 'under_investigation') !== (read.get(pair) === 'undecided'),
    );
    expect(differing).toEqual([]);
  });
});

/** Purls of one package may escape differently, and npm's differ in capitals. */
function keyOf(purl: string, id: string): string {
  const plain = decodeURIComponent(purl);
  return `${plain.startsWith('pkg:npm/') ? plain.toLowerCase() : plain} ${id}`;
}
