import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { kernelReportSchema } from '../../src/reports/kernel-report/schema.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

type Answer = z.infer<typeof kernelReportSchema>;

interface Truth {
  readonly truth: 'affected' | 'fixed' | 'never' | 'disputed';
  readonly built?: Readonly<Record<string, string>>;
}

/** Benchmark K1 through the command line: Linux 6.1.176 as Debian configures it for the cloud, its Makefiles and its list of paths. */
const BUILD = 'debian-cloud-amd64';
const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
const shared = sharedData();
const scratch = mkdtempSync(join(tmpdir(), 'cvescan-k1-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const unpacked = (path: string): Buffer =>
  execFileSync('xz', ['-dc', join(shared?.un ?? '', 'kernel', `${path}.xz`)], { maxBuffer: 1 << 28 });

function kernel(...args: string[]): Answer {
  const file = join(scratch, 'verdicts.json');
  execFileSync(process.execPath, [main, 'kernel', ...args, '--db', advisoryDatabase(), '-o', `json=${file}`], {
    stdio: 'inherit',
  });
  return JSON.parse(readFileSync(file, 'utf8')) as Answer;
}

describe.skipIf(!shared)('K1 through the command line', () => {
  let answer: Answer;
  let truths: Readonly<Record<string, Truth>>;

  beforeAll(() => {
    const [tree, config, paths] = [scratch, join(scratch, 'the.config'), join(scratch, 'the.paths')];
    execFileSync('tar', ['-xJf', join(shared!.un, 'kernel/kbuild/kbuild-skeleton-6.1.176.tar.xz'), '-C', tree]);
    writeFileSync(config, unpacked('configs/debian-cloud-amd64-6.1.176.config'));
    writeFileSync(paths, unpacked('kbuild/paths-6.1.176-1.txt'));
    truths = JSON.parse(unpacked('benchmark/expected-6.1.176-1.json').toString()).cves;
    answer = kernel(tree, '--kernel-config', config, '--files', paths);
  });

  test('a verdict for each of 14,626 CVEs; the funnel', () => {
    expect(answer.verdicts.map(({ id }) => id).sort()).toEqual(Object.keys(truths).sort());
    expect(answer.funnel).toMatchObject({ all: 14_626, productMatch: 8_119, branchAware: 1_909, afterCommits: 1_909 });
    expect(answer.funnel.afterConfig).toBeLessThanOrEqual(956);
    const flagged = answer.verdicts.filter(({ status }) => status === 'affected' || status === 'under_investigation');
    expect(flagged).toHaveLength(answer.funnel.afterConfig);
  });

  test('nothing is wrongly cleared; code of other architectures alone is not counted', () => {
    const cleared = answer.verdicts.filter(({ status }) => status === 'fixed' || status === 'not_affected');
    const wrong = cleared.filter(({ id }) => {
      const { truth, built } = truths[id]!;
      return truth === 'affected' && built?.[BUILD] !== 'not-built';
    });
    expect(wrong).toHaveLength(7);
    const reasons = wrong.map(({ evidence }) => evidence.find(({ stage }) => stage === 'config')?.reason);
    expect(new Set(reasons)).toEqual(new Set(['it concerns other architectures only']));
  });

  test('each verdict names what it rests on', () => {
    for (const { id, status, justification, evidence, available } of answer.verdicts) {
      const decisive = evidence.filter(({ verdict }) => verdict === status);
      expect([id, decisive.length > 0]).toEqual([id, true]);
      expect([id, justification !== undefined]).toEqual([id, status === 'not_affected']);
      if (status === 'affected') expect([id, available !== undefined]).toEqual([id, true]);
    }
  });
});
