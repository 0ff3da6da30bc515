import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSnapshot } from '../../src/advisories/open-snapshot.ts';
import { LEDGER_CLASSES } from '../../src/model/ledger.ts';
import { reportFormats } from '../../src/reports/formats/registry.ts';
import { judge } from '../../src/scan/judge.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { runCommandLine } from '../command-line.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();
const images = shared ? join(shared.un, 'images') : '';
const sbom = shared ? join(shared.un, 'sbom') : '';
const now = new Date('2026-01-15T00:00:00Z');

const manifest: readonly { readonly name: string; readonly file: string }[] = shared
  ? JSON.parse(readFileSync(join(images, 'manifest.json'), 'utf8'))
  : [];
const DAMAGED = ['damaged-digest', 'damaged-truncated', 'hostile-bomb'];
const YOCTO = ['spdx3/core-image-minimal-qemux86-64.rootfs.spdx.json', 'spdx2/example.rootfs.spdx.tar.zst'];

/** Every image that opens, and every real SBOM. */
const targets = shared
  ? [
      ...manifest.filter(({ name }) => !DAMAGED.includes(name)).map(({ file }) => join(images, file)),
      ...globSync(['bom-shelter/*.{json,spdx}', 'cyclonedx/*.json', 'spdx-examples/**/*.{json,spdx}'], { cwd: sbom })
        .sort()
        .map((file) => join(sbom, file)),
      ...YOCTO.map((file) => join(sbom, 'yocto-vulnscout/example', file)),
    ]
  : [];

describe.skipIf(!shared)('the ledger adds up', () => {
  for (const target of targets)
    test(target.slice(shared?.un.length), async () => {
      using snapshot = openSnapshot(advisoryDatabase());
      const inventory = await takeInventory(target);
      const { ledger, findings, packages } = judge(inventory, snapshot, { now });
      const sum = LEDGER_CLASSES.reduce((total, name) => total + ledger[name], 0);
      expect(ledger.components).toBe(packages.length);
      expect(sum).toBe(ledger.components);
      const notAssessed = Map.groupBy(ledger.notAssessed, (entry) => entry.class);
      for (const name of LEDGER_CLASSES)
        if (name !== 'matched' && name !== 'clean') expect(notAssessed.get(name) ?? []).toHaveLength(ledger[name]);
      const silent = new Set(ledger.notAssessed.map(({ packageId }) => packageId));
      expect(findings.filter(({ packageId }) => silent.has(packageId))).toEqual([]);
    });
});

describe.skipIf(!shared)('the same input and snapshot give the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-bytes-'));
  const own = process.cwd();
  afterAll(() => {
    process.chdir(own);
    rmSync(folder, { recursive: true });
  });
  const formats = reportFormats.map(({ name }) => name).filter((name) => name !== 'template');
  const image = manifest.find(({ name }) => name.startsWith('debian-bookworm'))?.file ?? '';

  for (const target of shared ? [join(images, image), join(sbom, 'yocto-vulnscout/example', YOCTO[1]!)] : [])
    test(`${target.slice(shared?.un.length)}: twice, and from another working directory`, async () => {
      const runs: (readonly string[])[] = [];
      for (const [run, directory] of [own, own, folder].entries()) {
        process.chdir(directory);
        const files = formats.map((format) => join(folder, `${run}.${format}`));
        const outputs = formats.flatMap((format, n) => ['-o', `${format}=${files[n]}`]);
        const argv = ['scan', '--no-cache', '--db', advisoryDatabase(), ...outputs, target];
        expect((await runCommandLine(argv, { now: () => now })).code).toBe(0);
        runs.push(files.map((file) => readFileSync(file, 'utf8')));
      }
      for (const [n, format] of formats.entries()) {
        expect(runs[0]![n]).not.toBe('');
        expect(runs[1]![n] === runs[0]![n], `${format} twice`).toBe(true);
        expect(runs[2]![n] === runs[0]![n], `${format} elsewhere`).toBe(true);
      }
    });
});

describe.skipIf(!shared)('a real Yocto image', () => {
  const cases = [
    // file      a finding of it                  one that its own words clear, and how
    [YOCTO[0]!, 'libc6', ['CVE-1999-0656', 'not_affected', 'package whitelisted', 'spdx vex']],
    [YOCTO[1]!, 'libc6', ['CVE-2018-16880', 'fixed', 'package patched', 'yocto spdx sourceInfo']],
  ] as const;
  for (const [file, name, [id, status, assessment, source]] of cases)
    test(`${file} has findings, and its statements are honoured`, async () => {
      using snapshot = openSnapshot(advisoryDatabase());
      const report = judge(await takeInventory(join(sbom, 'yocto-vulnscout/example', file)), snapshot, { now });
      const names = new Map(report.packages.map((item) => [item.id, item.name]));
      const open = report.findings.filter((finding) => finding.status === 'affected');
      expect(open.map(({ packageId }) => names.get(packageId))).toContain(name);
      const cleared = report.findings.filter(({ vulnerability }) => vulnerability.id === id);
      expect(cleared.length).toBeGreaterThan(0);
      for (const finding of cleared)
        expect(finding).toMatchObject({ status, assessments: [{ status: assessment, source }] });
      const pairs = report.findings.map(({ packageId, vulnerability }) => `${packageId} ${vulnerability.id}`);
      expect(new Set(pairs).size).toBe(pairs.length);
    });

  test('a component that a CPE and a package URL name has one finding, in which both are heard', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cvescan-both-'));
    const file = join(folder, 'both.cdx.json');
    const component = {
      ...{ type: 'library', group: 'org.apache.logging.log4j', name: 'log4j-core', version: '2.8.1' },
      purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.8.1',
      cpe: 'cpe:2.3:a:apache:log4j:2.8.1:*:*:*:*:*:*:*',
    };
    writeFileSync(file, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [component] }));
    using snapshot = openSnapshot(advisoryDatabase());
    const { findings } = judge(await takeInventory(file), snapshot, { now });
    rmSync(folder, { recursive: true });
    const ids = findings.map(({ vulnerability }) => vulnerability.id);
    expect(new Set(ids).size).toBe(ids.length);
    const { proof } = findings.find(({ vulnerability }) => vulnerability.id === 'CVE-2017-5645')!;
    expect([proof, ...(proof.others ?? [])].map(({ advisory }) => advisory.source).sort()).toEqual(['nvd', 'osv']);
  });
});
