import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isConcern } from '../../src/model/status.ts';
import { scan } from '../../src/scan/scan.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();
const scratch = mkdtempSync(join(tmpdir(), 'cvescan-inventories-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A document of the shared data as a file, unpacked where it is xz. */
function document(path: string): string {
  const file = join(shared?.un ?? '', 'kernel/inventories', path);
  if (!file.endsWith('.xz')) return file;
  const plain = join(scratch, path.replaceAll('/', '-').replace(/\.xz$/, ''));
  writeFileSync(plain, execFileSync('xz', ['-dc', file], { maxBuffer: 1 << 28 }));
  return plain;
}

const run = { databaseDirectory: '', now: new Date('2026-11-29T00:00:00Z') };

describe.skipIf(!shared)('kernels of real inventories', () => {
  // biome-ignore format: a table
  const cases = [
    // inventory                                                release as stated                                  version
    ['buildroot/beaglebone_defconfig.show-info.json',           '6.18.38',                                         '6.18.38'],
    ['buildroot/qemu_arm_vexpress_defconfig.show-info.json',    '6.18.7',                                          '6.18.7'],
    ['openwrt/openwrt-22.03-mt76x8-r4ac.manifest',              '5.10.161-1-8bb071fd201e2499888328d82fbc70db',     '5.10.161'],
    ['yocto/meta-cyclonedx.bom.json',                           '6.6.21',                                          '6.6.21'],
    ['yocto/example.rootfs.spdx2.tar.zst',                      '6.6.21+git',                                      '6.6.21'],
    ['yocto/core-image-minimal-qemux86-64.rootfs.spdx3.json.xz', '6.12.38+git',                                    '6.12.38'],
  ] as const;
  for (const [path, release, version] of cases) {
    test(`${path}: Linux ${version}, on its own branch`, async () => {
      using report = await scan(`sbom:${document(path)}`, {
        ...run,
        databaseDirectory: advisoryDatabase(),
        inventory: { cache: false },
      });
      const [kernel] = report.kernels ?? [];
      expect(kernel).toMatchObject({ release, version, funnel: { all: 14_626 } });
      const { productMatch, branchAware } = kernel!.funnel;
      expect(branchAware).toBeLessThan(productMatch);
      const own = report.findings.filter(({ packageId }) => packageId === kernel!.packageIds[0]);
      const open = own.filter(({ status }) => isConcern(status));
      expect(open.length).toBeGreaterThan(1_000);
      expect(open.length).toBeLessThan(own.length);
      for (const { status, assessments = [] } of own) {
        const cleared = assessments.some((one) => one.status === 'patch applied' || one.status === 'code removed');
        if (cleared) expect(isConcern(status)).toBe(false);
      }
    });
  }

  test('a version that is not stated decides nothing', async () => {
    const target = `sbom:${document('buildroot/raspberrypi4_64_defconfig.show-info.json')}`;
    using report = await scan(target, { ...run, databaseDirectory: advisoryDatabase(), inventory: { cache: false } });
    expect(report.kernels).toMatchObject([{ funnel: { all: 14_626, afterConfig: 14_626 } }]);
    expect(report.kernels?.[0]?.stages.find(({ stage }) => stage === 'version')).toMatchObject({ isUsed: false });
  });
});
