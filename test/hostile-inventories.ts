import { listOf, nestedLists } from './hostile-values.ts';
import { tar } from './tar.ts';

/** Documents of one format, made on purpose. */
export interface HostileInventories {
  /** A document of one component of this name; its version is hostile too where the format has a place for it. */
  readonly named: (text: string) => Buffer;
  /** A document with what the format nests, or lists in one of its fields, so deep. */
  readonly nested: (depth: number) => Buffer;
  /** A document of so many components. */
  readonly many: (count: number) => Buffer;
  /** Documents that a reader could take the square of its time for. */
  readonly laborious?: Readonly<Record<string, (count: number) => Buffer>>;
}

const json = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));
/** JSON with raw text in the place of the number 0. */
const jsonAround = (document: unknown, inner: string): Buffer =>
  Buffer.from(JSON.stringify(document).replace(':0', `:${inner}`));
const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'));

const bom = (parts: object): object => ({ bomFormat: 'CycloneDX', specVersion: '1.6', ...parts });
const component = (n: number, parts: object = {}): object => ({
  ...{ type: 'library', 'bom-ref': `r${n}`, name: `n${n}`, version: '1.0', purl: `pkg:npm/n${n}@1.0` },
  ...parts,
});
const analysis = (n: number, ref: string): object => ({
  ...{ id: `CVE-2020-${10_000 + n}`, analysis: { state: 'not_affected' }, affects: [{ ref }] },
});
const spdx = (parts: object): object => ({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', ...parts });
const spdxPackage = (n: number, parts: object = {}): object => ({
  ...{ SPDXID: `SPDXRef-${n}`, name: `n${n}`, versionInfo: '1.0' },
  externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:npm/n${n}@1.0` }],
  ...parts,
});
const kernelCpe = { referenceType: 'cpe23Type', referenceLocator: 'cpe:2.3:o:linux:linux_kernel:6.1:*:*:*:*:*:*:*' };
const spdx3 = (...elements: readonly object[]): object => ({
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': elements,
});
const spdx3Package = (n: number, parts: object = {}): object => ({
  ...{ type: 'software_Package', spdxId: `p${n}`, name: `n${n}`, software_packageVersion: '1.0', ...parts },
});
const spdx3Vex = (n: number): readonly object[] => [
  { type: 'security_Vulnerability', spdxId: `v${n}`, name: `CVE-2020-${10_000 + n}` },
  { type: 'security_VexFixedVulnAssessmentRelationship', from: `v${n}`, to: ['p0'] },
];
const xml = (inner: string, attributes = ''): Buffer =>
  Buffer.from(`<bom xmlns="http://cyclonedx.org/schema/bom/1.6"${attributes}><components>${inner}</components></bom>`);
const xmlEscaped = (value: string): string =>
  value.replace(/[^\u0020-\u007e\u00a0-\ud7ff]/g, '?').replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const archive = (...documents: readonly object[]): Buffer =>
  tar(...documents.map((document, n) => ({ path: `d${n}.spdx.json`, body: json(document) })));
const recipes = (count: number): Buffer =>
  archive(
    spdx({
      name: 'recipe',
      documentNamespace: 'https://x/recipe',
      packages: [spdxPackage(0, { SPDXID: 'SPDXRef-Recipe-x', externalRefs: listOf(count, () => kernelCpe) })],
      files: listOf(count, (n) => ({ fileName: `./x/${n}.c`, fileTypes: ['SOURCE'] })),
    }),
    spdx({
      name: 'packages',
      documentNamespace: 'https://x/packages',
      externalDocumentRefs: listOf(count, (n) => ({
        externalDocumentId: `DocumentRef-${n}`,
        spdxDocument: 'https://x/recipe',
      })),
      packages: listOf(count, (n) => spdxPackage(n, { SPDXID: `SPDXRef-Package-${n}`, externalRefs: [] })),
      relationships: listOf(count, (n) => ({
        spdxElementId: `SPDXRef-Package-${n}`,
        relationshipType: 'GENERATED_FROM',
        relatedSpdxElement: `DocumentRef-${n}:SPDXRef-Recipe-x`,
      })),
    }),
  );

/** By reader. */
export const hostileInventories: Readonly<Record<string, HostileInventories>> = {
  'cyclonedx-json': {
    named: (name) => json(bom({ components: [component(0, { name, version: name, purl: undefined, group: name })] })),
    nested: (depth) =>
      Buffer.from(
        `{"bomFormat":"CycloneDX","components":[${'{"name":"x","components":['.repeat(depth)}${']}'.repeat(depth)}]}`,
      ),
    many: (count) => json(bom({ components: listOf(count, component) })),
    laborious: {
      'one reference of all, with statements on it': (count) =>
        json(
          bom({
            components: listOf(count, (n) => component(n, { 'bom-ref': 'r' })),
            vulnerabilities: listOf(count, (n) => analysis(n, 'r')),
          }),
        ),
      'one reference of all, with one statement again and again': (count) =>
        json(
          bom({
            components: listOf(count, (n) => component(n, { 'bom-ref': 'r' })),
            vulnerabilities: listOf(count, () => analysis(0, 'r')),
          }),
        ),
      'all of them far down': (count) =>
        Buffer.from(
          `{"bomFormat":"CycloneDX","components":[${'{"name":"x","components":['.repeat(200)}${listOf(count, (n) => JSON.stringify(component(n))).join()}${']}'.repeat(200)}]}`,
        ),
      'each depends on the others': (count) =>
        json(
          bom({
            components: listOf(count, component),
            dependencies: listOf(count, (n) => ({ ref: `r${n}`, dependsOn: [`r${(n * 7) % count}`] })),
          }),
        ),
    },
  },
  'cyclonedx-xml': {
    named: (name) =>
      xml(
        `<component type="library"><name>${xmlEscaped(name)}</name><version>${xmlEscaped(name)}</version></component>`,
      ),
    nested: (depth) =>
      xml(`${'<component><name>x</name><components>'.repeat(depth)}${'</components></component>'.repeat(depth)}`),
    many: (count) =>
      xml(
        listOf(
          count,
          (n) => `<component type="library" bom-ref="r${n}"><name>n${n}</name><version>1.0</version></component>`,
        ).join(''),
      ),
    laborious: {
      'what nobody reads, so deep': (count) =>
        xml(`<component><name>x</name><licenses>${'<a>'.repeat(count)}${'</a>'.repeat(count)}</licenses></component>`),
      'so many attributes': (count) =>
        xml('<component><name>x</name></component>', listOf(count, (n) => ` a${n}="1"`).join('')),
      'a text of so many entities': (count) => xml(`<component><name>${'&amp;'.repeat(count)}</name></component>`),
    },
  },
  'spdx-json': {
    named: (name) =>
      json(spdx({ name, packages: [spdxPackage(0, { name, versionInfo: name, externalRefs: [], sourceInfo: name })] })),
    nested: (depth) => jsonAround(spdx({ packages: [spdxPackage(0, { annotations: 0 })] }), nestedLists(depth)),
    many: (count) => json(spdx({ packages: listOf(count, spdxPackage) })),
    laborious: {
      'kernels, and their files': (count) =>
        json(
          spdx({
            packages: listOf(count, (n) => spdxPackage(n, { externalRefs: [kernelCpe] })),
            files: listOf(count, (n) => ({ fileName: `./l/${n}.c`, fileTypes: ['SOURCE'] })),
          }),
        ),
      'one id of all, described again and again': (count) =>
        json(
          spdx({
            packages: listOf(count, (n) => spdxPackage(n, { SPDXID: 'SPDXRef-x' })),
            documentDescribes: listOf(count, () => 'SPDXRef-x'),
          }),
        ),
      'annotations of one': (count) =>
        json(
          spdx({
            packages: [
              spdxPackage(0, { annotations: listOf(count, (n) => ({ comment: `cvescan:location:${n}:path=x` })) }),
            ],
          }),
        ),
    },
  },
  'spdx-tag-value': {
    named: (name) =>
      text(
        'SPDXVersion: SPDX-2.3',
        `PackageName: <text>${name}</text>`,
        'SPDXID: SPDXRef-a',
        `PackageVersion: <text>${name}</text>`,
      ),
    nested: (depth) =>
      text(
        'SPDXVersion: SPDX-2.3',
        'PackageName: x',
        `PackageComment: ${'<text>'.repeat(depth)}`,
        '</text>',
        `${'('.repeat(depth)}`,
      ),
    many: (count) =>
      text(
        'SPDXVersion: SPDX-2.3',
        ...listOf(count, (n) => `PackageName: n${n}\nSPDXID: SPDXRef-${n}\nPackageVersion: 1.0`),
      ),
    laborious: {
      'a line of blanks, and one of letters': (count) =>
        text(
          'SPDXVersion: SPDX-2.3',
          'PackageName: x',
          `PackageVersion: 1${' '.repeat(count)}x`,
          'a'.repeat(count),
          ' '.repeat(count),
        ),
      annotations: (count) =>
        text(
          'SPDXVersion: SPDX-2.3',
          'PackageName: x',
          'SPDXID: SPDXRef-x',
          ...listOf(count, () => 'Annotator: a\nSPDXREF: SPDXRef-x\nAnnotationComment: b'),
        ),
    },
  },
  'spdx3-json': {
    named: (name) => json(spdx3(spdx3Package(0, { name, software_packageVersion: name }))),
    nested: (depth) => jsonAround(spdx3(spdx3Package(0, { externalIdentifier: 0 })), nestedLists(depth)),
    many: (count) => json(spdx3(...listOf(count, spdx3Package))),
    laborious: {
      'one id of all, with statements on it': (count) =>
        json(spdx3(...listOf(count, (n) => spdx3Package(n, { spdxId: 'p0' })), ...listOf(count, spdx3Vex).flat())),
      'one id of all, with one statement again and again': (count) =>
        json(
          spdx3(...listOf(count, (n) => spdx3Package(n, { spdxId: 'p0' })), ...listOf(count, () => spdx3Vex(0)).flat()),
        ),
      'a long id': (count) =>
        json(spdx3(spdx3Package(0), { type: 'security_Vulnerability', spdxId: `${'a'.repeat(count)}/` })),
    },
  },
  'yocto-spdx': {
    named: (name) =>
      archive(
        spdx({
          name,
          documentNamespace: name,
          packages: [spdxPackage(0, { SPDXID: 'SPDXRef-Package-x', name, versionInfo: name, externalRefs: [] })],
        }),
      ),
    nested: (depth) =>
      tar({
        path: 'a.spdx.json',
        body: jsonAround(
          spdx({ packages: [spdxPackage(0, { SPDXID: 'SPDXRef-Package-x', annotations: 0 })] }),
          nestedLists(depth),
        ),
      }),
    many: (count) =>
      archive(spdx({ name: 'x', packages: listOf(count, (n) => spdxPackage(n, { SPDXID: `SPDXRef-Package-${n}` })) })),
    laborious: { 'packages of one recipe': recipes },
  },
  'syft-json': {
    named: (name) =>
      json({
        schema: {},
        descriptor: { name: 'syft' },
        artifacts: [{ name, version: name, locations: [{ path: name }] }],
      }),
    nested: (depth) =>
      jsonAround({ schema: {}, artifacts: [{ name: 'x', version: '1', metadata: 0 }] }, nestedLists(depth)),
    many: (count) =>
      json({
        schema: {},
        artifacts: listOf(count, (n) => ({ name: `n${n}`, version: '1.0', purl: `pkg:npm/n${n}@1.0` })),
      }),
  },
  'yocto-cve-check': {
    named: (name) =>
      json({
        version: '1',
        package: [{ name, version: name, layer: name, issue: [{ id: name, status: 'Patched', detail: name }] }],
      }),
    nested: (depth) =>
      jsonAround({ version: '1', package: [{ name: 'x', version: '1', issue: [], products: 0 }] }, nestedLists(depth)),
    many: (count) =>
      json({
        version: '1',
        package: listOf(count, (n) => ({
          name: `n${n}`,
          version: '1.0',
          issue: [{ id: `CVE-2020-${n}`, status: 'Patched' }],
        })),
      }),
    laborious: {
      'a long version of many products': (count) =>
        json({
          version: '1',
          package: [
            {
              name: 'x',
              version: `1-${'git-'.repeat(count)}\n`,
              issue: [],
              products: listOf(200, (n) => ({ product: `p${n}` })),
            },
          ],
        }),
    },
  },
  'yocto-cve-check-text': {
    named: (name) =>
      text(`PACKAGE NAME: ${name}`, `PACKAGE VERSION: ${name}`, 'CVE: CVE-2020-1', 'CVE STATUS: Patched'),
    nested: (depth) => text('PACKAGE NAME: x', 'PACKAGE VERSION: 1', '['.repeat(depth)),
    many: (count) =>
      text(
        ...listOf(count, (n) => `PACKAGE NAME: n${n}\nPACKAGE VERSION: 1.0\nCVE: CVE-2020-1\nCVE STATUS: Patched\n`),
      ),
    laborious: { 'a line of blanks': (count) => text('PACKAGE NAME: x', `PACKAGE VERSION: 1${' '.repeat(count)}x`) },
  },
  cvescan: {
    named: (name) =>
      json({
        version: '1.0.0',
        packages: { x: { bpn: name, cve_version: name, cve_product: [name], patched_cves: [name] } },
      }),
    nested: (depth) => jsonAround({ version: '1.0.0', packages: { x: { bpn: 'x', config: 0 } } }, nestedLists(depth)),
    many: (count) =>
      json({
        version: '1.0.0',
        packages: Object.fromEntries(listOf(count, (n) => [`i${n}`, { bpn: `n${n}`, cve_version: '1.0' }])),
      }),
    laborious: {
      'lines of blanks in the configuration': (count) =>
        json({
          version: '1.0.0',
          packages: {
            x: { bpn: 'x', cve_version: '1', config: [`CONFIG_A=1${' '.repeat(count)}x`, ' '.repeat(count)] },
          },
        }),
    },
  },
  purl: {
    named: (name) => text('pkg:npm/x@1', `pkg:npm/${name}@${name}`, `pkg:${name}/x@1`),
    nested: (depth) => text(`pkg:npm/${'a/'.repeat(depth)}x@1`),
    many: (count) => text(...listOf(count, (n) => `pkg:npm/n${n}@1.0`)),
    laborious: { 'a long source package': (count) => text(`pkg:rpm/redhat/x@1?upstream=${'a-'.repeat(count)}`) },
  },
  cpe: {
    named: (name) => text('cpe:2.3:a:x:x:1:*:*:*:*:*:*:*', `cpe:2.3:a:${name}:${name}:${name}:*:*:*:*:*:*:*`),
    nested: (depth) => text(`cpe:2.3:a:x:${'\\('.repeat(depth)}:1:*:*:*:*:*:*:*`),
    many: (count) => text(...listOf(count, (n) => `cpe:2.3:a:x:n${n}:1.0:*:*:*:*:*:*:*`)),
    laborious: { 'a word of wildcards': (count) => text(`cpe:2.3:a:${'*'.repeat(count)}(:x:1:*:*:*:*:*:*:*`) },
  },
  'openwrt-manifest': {
    named: (name) => text('x - 1', `${name} - ${name}`),
    nested: (depth) => text('x - 1', `${'['.repeat(depth)} - 1`),
    many: (count) => text(...listOf(count, (n) => `n${n} - 1.0`)),
  },
  'buildroot-show-info': {
    named: (name) =>
      json({ x: { type: 'target', name, version: name, 'cpe-id': name, ignore_cves: [name], patches: [name] } }),
    nested: (depth) => jsonAround({ x: { type: 'target', name: 'x', version: '1', patches: 0 } }, nestedLists(depth)),
    many: (count) =>
      json(Object.fromEntries(listOf(count, (n) => [`n${n}`, { type: 'target', name: `n${n}`, version: '1.0' }]))),
  },
};
