import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { validators } from '../../../test/report-validators.ts';
import { packageOfPurl, parsePurl } from '../../documents/purl.ts';
import type { InventoryReport } from '../../model/inventory-report.ts';
import type { RenderContext } from '../report-format.ts';
import { sampleInventory } from '../sample-inventory.ts';
import { inventoryFormats } from './registry.ts';

const context: RenderContext = { color: false, columns: undefined, now: new Date('2026-08-01T12:00:00.123Z') };

function render(name: string, report: InventoryReport = sampleInventory, options: Partial<RenderContext> = {}): string {
  const format = inventoryFormats.find((one) => one.name === name)!;
  return [...format.render(report, { ...context, ...options })].join('');
}

const empty: InventoryReport = {
  inventory: { target: { kind: 'directory', name: '/' }, packages: [], layers: [], problems: [] },
  ledger: { components: 0, noVersion: 0, unknownNamespace: 0, unreadableVersion: 0, filtered: 0 },
};

/** @returns what is wrong by the schema; `null` for nothing. Formats of strings are checked by none of our tools' readers. */
function checkAgainst(schema: object, document: unknown, others: readonly (readonly [name: string, object])[] = []) {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const [name, other] of others) ajv.addSchema({ ...other, $id: name });
  const validate = ajv.compile(schema);
  validate(document);
  return validate.errors ?? null;
}

const readJson = (path: string): object => JSON.parse(readFileSync(path, 'utf8'));

test('every file in this folder is one registered format of the same name', () => {
  const files = readdirSync(import.meta.dirname)
    .map((file) => /^([a-z0-9-]+)\.[jt]s$/.exec(file)?.[1])
    .filter((name): name is string => name !== undefined && name !== 'registry');
  expect(inventoryFormats.map(({ name }) => name).sort()).toEqual(files.sort());
});

describe('every format', () => {
  for (const { name } of inventoryFormats) {
    test(`${name} writes the same bytes for the same inventory`, () => expect(render(name)).toBe(render(name)));

    test(`${name} lets no sign through that a terminal would obey`, () =>
      expect(render(name)).toMatch(/^[\n\u0020-\u007e\u00a1-\u00ac\u00ae-\u05ff…\ufffd]*$/));

    test(`${name} writes an empty inventory`, () => expect(() => render(name, empty)).not.toThrow());
  }
});

describe('json', () => {
  const schema = readJson(resolve(import.meta.dirname, '../../../docs/reference/packages.schema.json'));

  for (const [shows, report] of [
    ['an inventory', sampleInventory],
    ['an empty one', empty],
  ] as const) {
    test(`${shows} is as the schema says`, () =>
      expect(checkAgainst(schema, JSON.parse(render('json', report)))).toBe(null));
  }

  test('the schema knows every key', () => {
    const extra = { ...JSON.parse(render('json')), surprise: 1 };
    expect(checkAgainst(schema, extra)).toMatchObject([{ params: { additionalProperty: 'surprise' } }]);
  });

  test('packages are read back as they were', () => {
    const { packages } = JSON.parse(render('json'));
    expect(packages).toEqual(sampleInventory.inventory.packages);
  });
});

describe('cyclonedx-xml', () => {
  const cases = [
    ['an inventory', sampleInventory],
    ['an empty one', empty],
  ] as const;
  test.each(cases)('%s is valid CycloneDX 1.6', async (_, report) =>
    expect(await validators['cyclonedx-xml']!(render('cyclonedx-xml', report))).toEqual([]),
  );

  test('all that a match needs is there, as in JSON', () => {
    const xml = render('cyclonedx-xml');
    const { components } = JSON.parse(render('cyclonedx-json')) as { components: { purl?: string }[] };
    const purls = components.flatMap(({ purl }) => purl ?? []);
    expect(purls.filter((purl) => !xml.includes(`<purl>${purl.replaceAll('&', '&amp;')}</purl>`))).toEqual([]);
    expect(purls.length).toBeGreaterThan(0);
  });
});

describe('cyclonedx-json', () => {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
  const read = (name: string) => readJson(join(folder, name));
  const others = ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'].map(
    (name) => [`http://cyclonedx.org/schema/${name}`, read(name)] as const,
  );
  const schema = read('bom-1.6.SNAPSHOT.schema.json');

  for (const [shows, report] of [
    ['an inventory', sampleInventory],
    ['an empty one', empty],
  ] as const) {
    test(`${shows} is valid CycloneDX 1.6`, () =>
      expect(checkAgainst(schema, JSON.parse(render('cyclonedx-json', report)), others)).toBe(null));
  }

  test('its references are unique, and every dependency is one of them', () => {
    const { components, dependencies } = JSON.parse(render('cyclonedx-json'));
    const refs: string[] = components.map((component: Record<string, string>) => component['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(dependencies[0].dependsOn).toEqual(refs);
  });

  test('the serial number follows from the content, not from the time', () => {
    const serial = (report: InventoryReport, now: Date) =>
      JSON.parse(render('cyclonedx-json', report, { now })).serialNumber;
    const later = new Date('2027-01-01T00:00:00Z');
    expect(serial(sampleInventory, later)).toBe(serial(sampleInventory, context.now));
    expect(serial(empty, later)).not.toBe(serial(sampleInventory, later));
    expect(serial(empty, later)).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('all that a match needs is in the purl and the properties', () => {
    const { components } = JSON.parse(render('cyclonedx-json'));
    const libssl3 = components.find(({ name }: { name: string }) => name === 'libssl3');
    expect(packageOfPurl(parsePurl(libssl3.purl)!)).toMatchObject({
      ...{ name: 'libssl3', version: '3.0.14-1~deb12u2', arch: 'amd64', namespace: 'debian:12' },
      source: { name: 'openssl', version: '3.0.14-1~deb12u2' },
    });
    expect(libssl3.properties).toEqual([
      { name: 'cvescan:id', value: 'deb/libssl3@3.0.14-1~deb12u2?amd64' },
      { name: 'cvescan:type', value: 'deb' },
      { name: 'cvescan:arch', value: 'amd64' },
      { name: 'cvescan:namespace', value: 'debian:12' },
      { name: 'cvescan:versionScheme', value: 'dpkg' },
      { name: 'cvescan:source:name', value: 'openssl' },
      { name: 'cvescan:source:version', value: '3.0.14-1~deb12u2' },
      { name: 'cvescan:location:0:path', value: 'var/lib/dpkg/status' },
      { name: 'cvescan:location:0:layer', value: `sha256:${'a'.repeat(64)}` },
    ]);
  });

  test('the two parts of a name are apart, and the system is a component', () => {
    const { components } = JSON.parse(render('cyclonedx-json'));
    expect(components).toContainEqual(expect.objectContaining({ group: '@angular', name: 'core', version: '17.0.1' }));
    expect(components[0]).toEqual({
      'bom-ref': 'operating-system',
      type: 'operating-system',
      name: 'debian',
      version: '12',
    });
  });
});

describe('spdx-json', () => {
  const schema = readJson(resolve(import.meta.dirname, '../../../test/fixtures/schemas/spdx-2.3.json'));

  for (const [shows, report] of [
    ['an inventory', sampleInventory],
    ['an empty one', empty],
  ] as const) {
    test(`${shows} is valid SPDX 2.3`, () =>
      expect(checkAgainst(schema, JSON.parse(render('spdx-json', report)))).toBe(null));
  }

  test('every package is related to the target', () => {
    const { packages, relationships } = JSON.parse(render('spdx-json'));
    const [target, ...others] = packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID);
    const contained = relationships.filter(({ spdxElementId }: { spdxElementId: string }) => spdxElementId === target);
    expect(contained.map(({ relatedSpdxElement }: { relatedSpdxElement: string }) => relatedSpdxElement)).toEqual(
      others,
    );
  });

  test('properties are annotations', () => {
    const { packages } = JSON.parse(render('spdx-json'));
    const libssl3 = packages.find(({ name }: { name: string }) => name === 'libssl3');
    expect(libssl3.annotations.map(({ comment }: { comment: string }) => comment)).toContain(
      'cvescan:source:name=openssl',
    );
    expect(libssl3.externalRefs).toMatchObject([{ referenceType: 'purl' }]);
  });
});

test('purl', () => {
  expect(render('purl').split('\n')).toEqual([
    '# no purl: \\x1b]0;evil\\x07 ',
    'pkg:deb/debian/bash@5.2.15-2+b7?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2',
    'pkg:deb/debian/libssl3@3.0.14-1~deb12u2?arch=amd64&distro=debian-12&upstream=openssl',
    'pkg:npm/%40angular/core@17.0.1',
    '',
  ]);
});

describe('table', () => {
  test('groups packages, and tells what is wrong', () => {
    expect(render('table')).toMatchInlineSnapshot(`
      "sample.tar  image, debian:12, linux/amd64, 2 layers

      deb, debian:12  3 packages
        NAME             VERSION           ARCH   SOURCE         LAYER
        \\x1b]0;evil\\x07  (none)            amd64                 #1
        bash             5.2.15-2+b7       amd64  bash 5.2.15-2  #0, removed in #1
        libssl3          3.0.14-1~deb12u2  amd64  openssl        #0

      npm  1 package
        NAME           VERSION  LAYER
        @angular/core  17.0.1   #1

      4 packages (3 deb, 1 npm), 1 removed by a later layer, 1 without a version, 1 left out of matching

      2 problems
        var/lib/dpkg/status: line 7: package \\x1b[31mx has no version  lister.incomplete-entry
        no release file is left  overlay.release-file-removed

      1 layer read without comparing the digest (--verify=full compares)
      "
    `);
  });

  test('keeps to the width of the terminal', () => {
    const lines = render('table', sampleInventory, { columns: 60 }).split('\n');
    const rows = lines.filter((line) => /^ {2}(NAME|bash|libssl3|@ang|\\x1b)/.test(line));
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(60);
  });

  test('is coloured when it is asked for', () => {
    expect(render('table', sampleInventory, { color: true })).toContain('\u001b[1m');
  });

  test('says that there is nothing', () =>
    expect(render('table', empty)).toBe('/  directory, no release file\n\n0 packages\n'));
});
