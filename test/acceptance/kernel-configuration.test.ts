import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfigFile } from '../../src/kernel/config-file.ts';
import { type ExaminedBuild, examineBuild } from '../../src/kernel/examine-build.ts';
import { judgeByConfig } from '../../src/kernel/judge-by-config.ts';
import { judgeByVersion } from '../../src/kernel/judge-by-version.ts';
import { type KernelVersion, parseKernelVersion } from '../../src/kernel/kernel-version.ts';
import { openTree } from '../../src/kernel/tree.ts';
import type { KernelGroup, KernelVulnerability } from '../../src/model/kernel-vulnerability.ts';
import { sharedData } from './shared-data.ts';

/**
 * Benchmark K1: Linux 6.1.176 with Debian's cloud-amd64 configuration. The truth of each flaw comes from the kernel team's records,
 * Debian's changelog and the debug information of the real build.
 */
const RELEASE = parseKernelVersion('6.1.176') as KernelVersion;
const BUILD = 'debian-cloud-amd64';

interface Truth {
  readonly truth: 'affected' | 'fixed' | 'never' | 'disputed';
  readonly built?: Readonly<Record<string, string>>;
}

interface Record_ {
  readonly id: string;
  readonly state: string;
  readonly title: string;
  readonly fix: readonly string[];
  readonly dyad: readonly string[] | null;
  readonly files: readonly string[];
}

const shared = sharedData();
const scratch = mkdtempSync(join(tmpdir(), 'cvescan-k1-'));
const read = (path: string): string =>
  execFileSync('xz', ['-dc', join(shared?.un ?? '', 'kernel', `${path}.xz`)], { maxBuffer: 1 << 28 }).toString();
const lines = (path: string): string[] => read(path).split('\n').filter(Boolean);

let build: ExaminedBuild;

beforeAll(async () => {
  if (!shared) return;
  execFileSync('tar', ['-xJf', join(shared.un, 'kernel/kbuild/kbuild-skeleton-6.1.176.tar.xz'), '-C', scratch]);
  const git = { env: process.env, signal: new AbortController().signal, userAgent: 'cvescan/0' };
  using tree = await openTree({ directory: scratch, paths: lines('kbuild/paths-6.1.176-1.txt') }, git);
  build = await examineBuild(tree, readConfigFile(read('configs/debian-cloud-amd64-6.1.176.config')));
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(!shared)('a configuration judged by the Makefiles alone', () => {
  test('compiles all that the debug information of the real build names, and at most 3 % more', () => {
    const real = lines('kbuild/debian-cloud-amd64.dwarf-sources.txt').filter((path) => !path.startsWith('scripts/'));
    expect(real.filter((path) => !build.sources.has(path))).toEqual([]);
    const extra = [...build.sources].filter((path) => !real.includes(path));
    expect(extra.length).toBeLessThanOrEqual(0.03 * real.length);
  });

  test('flags at most 956 flaws, all affected ones among them, and calls none safe that is not', () => {
    const truths = JSON.parse(read('benchmark/expected-6.1.176-1.json')).cves as Record<string, Truth>;
    const counts = { flagged: 0, affected: 0, found: 0 };
    const wrong: string[] = [];
    for (const line of lines('cna/kernel-cna.jsonl')) {
      const record = JSON.parse(line) as Record_;
      const truth = truths[record.id];
      if (record.state !== 'published' || !truth) continue;
      const isOpen = staysOpen(vulnerabilityOf(record));
      const isAffected = truth.truth === 'affected' && truth.built?.[BUILD] !== 'not-built' && !isForeign(record);
      counts.flagged += Number(isOpen);
      counts.affected += Number(isAffected);
      counts.found += Number(isOpen && isAffected);
      if (isAffected && !isOpen) wrong.push(record.id);
    }
    expect(wrong).toEqual([]);
    expect(counts.affected).toBe(903);
    expect(counts.found / counts.affected).toBeGreaterThanOrEqual(0.999);
    expect(counts.flagged).toBeLessThanOrEqual(956);
  });
});

function staysOpen(vulnerability: KernelVulnerability): boolean {
  return [
    judgeByVersion(vulnerability, RELEASE),
    judgeByConfig(vulnerability, build, { branch: RELEASE.branch }),
  ].every(({ verdict }) => verdict === undefined || verdict === 'affected');
}

/** Code of other architectures: the truth counts it as affected where the debug information cannot tell. */
function isForeign({ files }: Record_): boolean {
  return files.every((path) => path.startsWith('arch/') && !path.startsWith('arch/x86/'));
}

function vulnerabilityOf({ id, title, fix, dyad, files }: Record_): KernelVulnerability {
  const groups = new Map<string, KernelGroup>();
  for (const line of dyad ?? []) {
    const [version = '', commit = '', fixVersion = '', fixCommit = ''] = line.split(':');
    const { fixes, ...broken } = groups.get(commit) ?? {
      ...(commit !== '0' && { break: { version, commit } }),
      fixes: [],
    };
    const added = fixCommit === '0' ? [] : [{ version: fixVersion, commit: fixCommit }];
    groups.set(commit, { ...broken, fixes: [...fixes, ...added] });
  }
  return { id, title, source: 'linux_cna', groups: [...groups.values()], mainlineFixes: fix, files, breakFixes: [] };
}
