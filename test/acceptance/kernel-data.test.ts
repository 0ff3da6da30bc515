import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSnapshot } from '../../src/advisories/open-snapshot.ts';
import { readBreakFix } from '../../src/kernel/read-break-fix.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();

describe.skipIf(!shared)('what is known of flaws of the kernel', () => {
  test("all of Ubuntu's 1,233 lines of active CVEs can be read", () => {
    const [, ...rows] = readFileSync(join(shared!.un, 'kernel/uct/break-fix.tsv'), 'utf8').trimEnd().split('\n');
    const lines = rows.map((row) => row.split('\t')[2]!);
    expect(lines).toHaveLength(1_233);
    expect(lines.filter((line) => readBreakFix(line) === undefined)).toEqual([]);
  });

  test('the database holds 14,626 published and 312 rejected CVEs, and the lines of Ubuntu', () => {
    using snapshot = openSnapshot(advisoryDatabase());
    const lines = [...snapshot.kernelLines()];
    const facts = lines.flatMap((line) => (line.kind === 'facts' ? [line.facts] : []));
    expect(facts.filter(({ isRejected }) => !isRejected)).toHaveLength(14_626);
    expect(facts.filter(({ isRejected }) => isRejected)).toHaveLength(312);
    expect(facts.filter(({ isRejected, groups }) => !isRejected && groups.length === 0)).toEqual([]);
    const ubuntu = lines.flatMap((line) => (line.kind === 'break-fix' ? line.lines : []));
    expect(ubuntu.filter((line) => readBreakFix(line) === undefined)).toEqual([]);
    expect(ubuntu.length).toBeGreaterThan(3_000);
    expect(snapshot.kernelBackports()).toHaveLength(302);
  });
});
