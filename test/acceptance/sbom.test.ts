import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSnapshot } from '../../src/advisories/open-snapshot.ts';
import { readDocument } from '../../src/inventory/read-document.ts';
import { validateDocument } from '../../src/inventory/validate-document.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { Package } from '../../src/model/package.ts';
import { cyclonedxJsonFormat } from '../../src/reports/inventory-formats/cyclonedx-json.ts';
import { spdxJsonFormat } from '../../src/reports/inventory-formats/spdx-json.ts';
import { reportInventory } from '../../src/scan/inventory-report.ts';
import { judge } from '../../src/scan/judge.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();
const sbom = shared ? join(shared.un, 'sbom') : '';
const images = shared ? join(shared.un, 'images') : '';
const inventories = shared ? join(shared.un, 'kernel/inventories') : '';

const manifest: readonly { readonly name: string; readonly file: string }[] = shared
  ? JSON.parse(readFileSync(join(images, 'manifest.json'), 'utf8'))
  : [];

const DAMAGED = ['damaged-digest', 'damaged-truncated', 'hostile-bomb'];
const context = { color: false, columns: undefined, now: new Date('2026-08-01T00:00:00Z') };

function render(format: typeof cyclonedxJsonFormat, inventory: Inventory): Buffer {
  return Buffer.from([...format.render(reportInventory(inventory), context)].join(''));
}

describe.skipIf(!shared)('the SBOM of an image is the same inventory as the image', () => {
  for (const { name, file } of manifest) {
    if (DAMAGED.includes(name)) continue;
    for (const layers of ['squashed', 'all'] as const) {
      test(`${file}, ${layers}`, async () => {
        const image = await takeInventory(join(images, file), { layers });
        for (const format of [cyclonedxJsonFormat, spdxJsonFormat]) {
          const read = await readDocument('sbom', render(format, image));
          expect(read.packages.map(withoutRef)).toEqual(image.packages);
          expect(read.layers).toEqual(image.layers);
          expect(read.namespace).toEqual(image.namespace);
          expect(read.repositoryCpes).toEqual(image.repositoryCpes);
          expect(read.problems).toEqual([]);
        }
      });
    }
  }
});

describe.skipIf(!shared)('the SBOM of an image has the same findings as the image', () => {
  for (const { name, file } of manifest) {
    if (DAMAGED.includes(name)) continue;
    test(file, async () => {
      using snapshot = openSnapshot(advisoryDatabase());
      const options = { now: new Date('2026-01-15T00:00:00Z'), allStatements: true };
      const image = await takeInventory(join(images, file));
      const expected = judge(image, snapshot, options);
      for (const format of [cyclonedxJsonFormat, spdxJsonFormat]) {
        const report = judge(await readDocument('sbom', render(format, image)), snapshot, options);
        expect(report.findings).toEqual(expected.findings);
        expect(report.ledger).toEqual(expected.ledger);
      }
    });
  }
});

describe.skipIf(!shared)('the test files of the CycloneDX specification', () => {
  const root = join(sbom, 'cyclonedx-spec-testsuite/tools/src/test/resources');
  for (const version of ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7']) {
    const files = shared ? readdirSync(join(root, version)).filter((file) => /\.(json|xml)$/.test(file)) : [];
    const bytesOf = (file: string) => readFileSync(join(root, version, file));

    test(`${version}: what is valid is read, and is valid`, async () => {
      for (const file of files.filter((it) => it.startsWith('valid'))) {
        const { problems } = await readDocument(file, bytesOf(file));
        expect(
          problems.filter(({ path }) => path !== 'vulnerabilities'),
          file,
        ).toEqual([]);
        expect(validateDocument(bytesOf(file)), file).toEqual([]);
      }
    });

    test(`${version}: what is invalid is refused with its place`, () => {
      for (const file of files.filter((it) => !it.startsWith('valid'))) {
        const violations = validateDocument(bytesOf(file));
        expect(violations.length, file).toBeGreaterThan(0);
        for (const { place, what } of violations) expect(place && what, file).not.toBe('');
      }
    });

    test(`${version}: of what is invalid everything is read that can be`, async () => {
      // One is no CycloneDX by its namespace or mark, and not read.
      for (const file of files.filter((it) => it.startsWith('invalid')))
        if (!/namespace|bomformat/.test(file)) await readDocument(file, bytesOf(file));
    });
  }
});

describe.skipIf(!shared)('real documents', () => {
  const cases = [
    // file                                                              packages  of them assessable by name or CPE
    [join(inventories, 'buildroot/beaglebone_defconfig.show-info.json'), 67, 12],
    [join(inventories, 'buildroot/beaglebone_qt5_defconfig.cdx.json.xz'), 85, 33],
    [join(inventories, 'openwrt/openwrt-22.03-mt76x8-r4ac.manifest'), 77, 44],
    [join(inventories, 'yocto/core-image-minimal-qemux86-64.rootfs.spdx3.json.xz'), 142, 38],
    [join(inventories, 'yocto/example.rootfs.spdx2.tar.zst'), 99, 33],
    [join(inventories, 'yocto/cve-check.docker.json'), 2, 2],
    [join(inventories, 'yocto/meta-cyclonedx.bom.json'), 97, 97],
    [join(inventories, 'yocto/recipe-cairo.spdx2.json'), 1, 1],
    [join(sbom, 'bom-shelter/grype-sbom-modified.spdx.json'), 1160, 1160],
    [join(sbom, 'bom-shelter/joc-cockpit-sbom-cdx.json'), 161, 161],
    [join(sbom, 'bom-shelter/julia.spdx'), 34, 34],
    [join(sbom, 'merged-10000.cdx.json'), 10_000, 10_000],
  ] as const;
  for (const [file, count, unfilteredCount] of cases) {
    test(`${file.slice(shared?.un.length)}: ${count} packages`, async () => {
      const { packages } = await takeInventory(file);
      expect(packages).toHaveLength(count);
      expect(packages.filter(({ filtered }) => filtered === undefined)).toHaveLength(unfilteredCount);
    });
  }

  test('every example of CycloneDX and SPDX is read', async () => {
    const files = globSync('{cyclonedx/*.json,spdx-examples/**/*.{json,spdx}}', { cwd: sbom });
    expect(files.length).toBeGreaterThan(80);
    for (const file of files) await expect(takeInventory(join(sbom, file)), file).resolves.toBeDefined();
  });

  test('the statements of a Yocto image are kept with its packages', async () => {
    const spdx3 = await takeInventory(join(inventories, 'yocto/core-image-minimal-qemux86-64.rootfs.spdx3.json.xz'));
    const said = (kind: string) =>
      spdx3.packages.flatMap(({ statements = [] }) => statements).filter((it) => it.kind === kind);
    // 9 relationships, each to one package or several; 63 that it is not affected.
    expect([said('patched').length, said('ignored').length]).toEqual([9, 63]);

    const spdx2 = await takeInventory(join(inventories, 'yocto/example.rootfs.spdx2.tar.zst'));
    const busybox = spdx2.packages.find(({ name }) => name === 'busybox');
    expect(busybox?.statements?.map(({ vulnerabilityId }) => vulnerabilityId)).toContain('CVE-2022-28391');
    expect(busybox?.cpes).toEqual(['cpe:2.3:*:*:busybox:1.36.1:*:*:*:*:*:*:*']);
  });

  test('a conversion keeps packages, CPEs and statements', async () => {
    for (const file of ['yocto/example.rootfs.spdx2.tar.zst', 'buildroot/beaglebone_defconfig.show-info.json']) {
      const original = await takeInventory(join(inventories, file));
      for (const format of [cyclonedxJsonFormat, spdxJsonFormat]) {
        const converted = await readDocument('converted', render(format, original));
        expect(converted.packages.map(withoutRef)).toEqual(original.packages.map(withoutRef));
      }
      expect(validateDocument(render(cyclonedxJsonFormat, original))).toEqual([]);
    }
  });
});

describe.skipIf(!shared)('hostile documents', () => {
  test('a text of 200 MB is refused by a limit', async () => {
    const document = Buffer.from(`{"bomFormat":"CycloneDX","components":[{"name":"${'x'.repeat(200 << 20)}"}]}`);
    await expect(readDocument('x', document)).rejects.toMatchObject({ code: 'document.limit-exceeded' });
  });

  test('a document of 100,000 components is read within 15 s', async () => {
    const document: { components: { 'bom-ref': string }[] } = JSON.parse(
      readFileSync(join(sbom, 'merged-10000.cdx.json'), 'utf8'),
    );
    const components = Array.from({ length: 10 }, (_, n) =>
      document.components.map((component) => ({ ...component, 'bom-ref': `${component['bom-ref']}#${n}` })),
    ).flat();
    const bytes = Buffer.from(JSON.stringify({ ...document, components }));
    const started = performance.now();
    expect((await readDocument('x', bytes)).packages).toHaveLength(100_000);
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

/** A document's own name of a component means something in that document only. */
function withoutRef({ ref: _, ...pkg }: Package): Package {
  return pkg;
}
