import { describe, expect, test } from 'vitest';
import type { Package } from '../../model/package.ts';
import { samplePackage } from '../sample-finding.ts';
import { indexClaims, type VexTarget } from './find-statements.ts';
import { readVex, VEX_LIMITS } from './read-vex.ts';

const CVE = 'CVE-2024-5535';
const PURL = 'pkg:deb/debian/libssl3';
const CPE = 'cpe:2.3:a:openssl:openssl:3.0.11:*:*:*:*:*:*:*';
const IMAGE = `sha256:${'a'.repeat(64)}`;
const SERIAL = 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79';
const target: VexTarget = { target: { kind: 'image', name: 'shop.tar', digest: IMAGE }, packages: [samplePackage] };

const bytes = (document: unknown) => Buffer.from(JSON.stringify(document));

interface Asked {
  readonly target?: VexTarget;
  readonly installed?: Package;
  readonly ids?: readonly string[];
}

function ask(
  documents: readonly unknown[],
  { target: own = target, installed = samplePackage, ids = [CVE] }: Asked = {},
) {
  const readings = documents.map((document, index) => readVex(bytes(document), `${index}.json`));
  const claims = readings.flatMap((reading) => reading.claims);
  return {
    statements: indexClaims(claims, own)(ids, installed),
    problems: readings.flatMap(({ problems }) => problems.map(({ message }) => message)),
  };
}

const openVex = (statement: object, more: object = {}) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  ...{ '@id': 'https://example.org/vex/1', author: 'ACME Product Security', timestamp: '2024-07-01T00:00:00Z' },
  ...{ version: 1, ...more },
  statements: [
    {
      vulnerability: { name: CVE },
      products: [{ '@id': PURL }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      ...statement,
    },
  ],
});

const csaf = (statuses: object, more: object = {}) => ({
  document: {
    ...{ category: 'csaf_vex', csaf_version: '2.0', publisher: { name: 'ACME', category: 'vendor' } },
    tracking: { id: 'ACME-1', status: 'final', current_release_date: '2024-07-01T00:00:00Z' },
  },
  product_tree: {
    full_product_names: [
      { product_id: 'ssl', name: 'OpenSSL', product_identification_helper: { purl: PURL } },
      { product_id: 'named', name: 'shop.tar' },
      {
        product_id: 'rhel',
        name: 'RHEL 9',
        product_identification_helper: { cpe: 'cpe:/o:redhat:enterprise_linux:9' },
      },
    ],
    relationships: [
      ...['named', 'rhel'].map((product) => ({
        ...{ category: 'default_component_of', product_reference: 'ssl', relates_to_product_reference: product },
        full_product_name: { product_id: `${product}:ssl`, name: 'OpenSSL in it' },
      })),
    ],
  },
  vulnerabilities: [{ cve: CVE, product_status: statuses, ...more }],
});

const cyclonedx = (vulnerability: object, more: object = {}) => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  metadata: { timestamp: '2024-07-01T00:00:00Z', authors: [{ name: 'ACME' }] },
  components: [{ type: 'library', name: 'libssl3', 'bom-ref': 'ssl', purl: PURL }],
  vulnerabilities: [
    {
      id: CVE,
      analysis: { state: 'not_affected', justification: 'code_not_reachable' },
      affects: [{ ref: 'ssl' }],
      ...vulnerability,
    },
  ],
  ...more,
});

describe('OpenVEX', () => {
  test('a statement with all that it says', () =>
    expect(ask([openVex({ impact_statement: 'No SSL_select_next_proto' })]).statements).toEqual([
      {
        ...{ status: 'not_affected', author: 'ACME Product Security', document: '0.json', at: '2024-07-01T00:00:00Z' },
        ...{ justification: 'vulnerable_code_not_in_execute_path', detail: 'No SSL_select_next_proto' },
      },
    ]));

  const cases = [
    // statement                                                               status           what the row shows
    [{ status: 'fixed' }, 'fixed', 'fixed'],
    [{ status: 'affected' }, 'affected', 'affected'],
    [{ status: 'under_investigation' }, 'under_investigation', 'under investigation'],
    [{ vulnerability: CVE }, 'not_affected', 'version 0.0.1 names vulnerabilities by a text'],
    [{ vulnerability: { name: 'GHSA-x', aliases: [CVE] } }, 'not_affected', 'an alias'],
    [{ vulnerability: { name: 'CVE-2024-2511' } }, undefined, 'another vulnerability'],
    [{ products: [PURL] }, 'not_affected', 'version 0.0.1 names products by a text'],
    [
      { products: [{ '@id': 'https://example.org/p', identifiers: { cpe23: CPE } }] },
      'not_affected',
      'a product by its CPE',
    ],
    [{ products: [{ '@id': `${PURL}@3.0.14-1~deb12u1` }] }, undefined, 'another version'],
    [{ products: [{ '@id': 'shop.tar' }] }, undefined, 'the name of the target alone clears nothing'],
    [
      { products: [{ '@id': 'shop.tar', subcomponents: [{ '@id': PURL }] }] },
      'not_affected',
      'a part of the target by its name',
    ],
    [{ products: [{ '@id': `pkg:oci/shop@${IMAGE}` }] }, 'not_affected', 'the image by its digest'],
    [
      { products: [{ '@id': `pkg:oci/shop@${IMAGE}`, subcomponents: [{ '@id': PURL }] }] },
      'not_affected',
      'a part of it',
    ],
    [
      { products: [{ '@id': `pkg:oci/shop@${IMAGE}`, subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] }] },
      undefined,
      'another part of it',
    ],
    [
      { products: [{ '@id': 'pkg:oci/shop@sha256:bb', subcomponents: [{ '@id': PURL }] }] },
      undefined,
      'a part of another image',
    ],
    [{ products: [{ '@id': 'pkg:oci/shop?tag=1' }] }, undefined, 'an image without digest may be any'],
  ] as const;
  for (const [statement, status, shows] of cases) {
    test(`${shows}: ${status ?? 'nothing'}`, () =>
      expect(ask([openVex(statement)]).statements[0]?.status).toBe(status));
  }

  const refused = [
    [{ status: 'no' }, '0.json: statements[0] has the unknown status "no"'],
    [
      { justification: undefined },
      '0.json: statements[0] says "not affected" without a justification or impact statement',
    ],
    [{ vulnerability: {} }, '0.json: statements[0] names no vulnerability'],
    [{ products: [] }, '0.json: statements[0] names no product'],
  ] as const;
  for (const [statement, message] of refused) {
    test(message, () => expect(ask([openVex(statement)])).toEqual({ statements: [], problems: [message] }));
  }
});

describe('CSAF', () => {
  const rhel: VexTarget = { ...target, repositoryCpes: ['cpe:/o:redhat:enterprise_linux:9'] };
  const cases = [
    [{ fixed: ['ssl'] }, target, 'fixed', 'a package by purl'],
    [{ known_not_affected: ['ssl'] }, target, 'not_affected', 'not affected'],
    [{ known_affected: ['ssl'] }, target, 'affected', 'affected'],
    [{ under_investigation: ['ssl'] }, target, 'under_investigation', 'under investigation'],
    [{ recommended: ['ssl'] }, target, undefined, 'what is recommended may be affected'],
    [{ known_not_affected: ['named:ssl'] }, target, 'not_affected', 'a component of the target by its name'],
    [{ known_not_affected: ['rhel:ssl'] }, rhel, 'not_affected', 'a component of a release'],
    [{ known_not_affected: ['rhel:ssl'] }, target, undefined, 'a component of another release'],
    [{ known_not_affected: ['named'] }, target, undefined, 'the name of the target alone clears nothing'],
    [{ known_not_affected: ['unknown'] }, target, undefined, 'a product that the tree lacks'],
  ] as const;
  for (const [statuses, own, status, shows] of cases) {
    test(`${shows}: ${status ?? 'nothing'}`, () =>
      expect(ask([csaf(statuses)], { target: own }).statements[0]?.status).toBe(status));
  }

  test('flags and threats give the reason', () => {
    const more = {
      flags: [{ label: 'vulnerable_code_not_present', product_ids: ['ssl'] }],
      threats: [{ category: 'impact', details: 'Built without NPN', product_ids: ['ssl'] }],
    };
    expect(ask([csaf({ known_not_affected: ['ssl'] }, more)]).statements).toEqual([
      {
        ...{ status: 'not_affected', author: 'ACME', document: '0.json', at: '2024-07-01T00:00:00Z' },
        ...{ justification: 'vulnerable_code_not_present', detail: 'Built without NPN' },
      },
    ]);
  });
});

describe('CycloneDX', () => {
  const cases = [
    [{}, 'not_affected', 'a component of the document'],
    [{ analysis: { state: 'false_positive' } }, 'not_affected', 'a false positive'],
    [{ analysis: { state: 'resolved' } }, 'fixed', 'resolved'],
    [{ analysis: { state: 'exploitable' } }, 'affected', 'exploitable'],
    [{ analysis: { state: 'in_triage' } }, 'under_investigation', 'in triage'],
    [{ analysis: {} }, undefined, 'no verdict'],
    [{ affects: [{ ref: PURL }] }, 'not_affected', 'a purl as reference'],
    [{ affects: [{ ref: 'other' }] }, undefined, 'a reference to nothing'],
    [{ affects: [{ ref: 'ssl', versions: [{ version: samplePackage.version }] }] }, 'not_affected', 'this version'],
    [{ affects: [{ ref: 'ssl', versions: [{ version: '3.0.12' }] }] }, undefined, 'another version'],
    [
      {
        analysis: { state: 'exploitable' },
        affects: [{ ref: 'ssl', versions: [{ version: samplePackage.version, status: 'unaffected' }] }],
      },
      'not_affected',
      'a version without the flaw',
    ],
    [{ affects: [{ ref: 'ssl', versions: [{ range: 'vers:deb/<3.0.14' }] }] }, undefined, 'ranges are not read'],
    [
      { analysis: { state: 'exploitable' }, affects: [{ ref: 'ssl', versions: [{ range: 'vers:deb/<3.0.14' }] }] },
      'affected',
      'a range that is affected may be this one',
    ],
    [{ id: 'GHSA-x', references: [{ id: CVE }] }, 'not_affected', 'an alias'],
  ] as const;
  for (const [vulnerability, status, shows] of cases) {
    test(`${shows}: ${status ?? 'nothing'}`, () =>
      expect(ask([cyclonedx(vulnerability)]).statements[0]?.status).toBe(status));
  }

  test('ranges are a problem', () =>
    expect(ask([cyclonedx({ affects: [{ ref: 'ssl', versions: [{ range: 'vers:deb/<3.0.14' }] }] })]).problems).toEqual(
      ['0.json: vulnerabilities[0] names ranges of versions, which are not read: what it says of them does not count'],
    ));

  const link = { affects: [{ ref: `urn:cdx:${SERIAL.slice(9)}/1#lib%40ssl` }] };
  const installed = { ...samplePackage, ref: 'lib@ssl' };
  const sbom: VexTarget = {
    target: { kind: 'sbom', name: 'a.cdx.json', serialNumber: SERIAL },
    packages: [installed],
  };
  test('a BOM-Link names a component of the SBOM that is scanned', () =>
    expect(ask([cyclonedx(link)], { installed, target: sbom }).statements).toHaveLength(1));
  test('a BOM-Link into another SBOM names nothing', () =>
    expect(
      ask([cyclonedx(link)], { installed, target: { ...sbom, target: { ...sbom.target, serialNumber: 'urn:uuid:0' } } })
        .statements,
    ).toEqual([]));
  test('a BOM-Link to a reference that two packages have names neither', () => {
    const twice = { ...sbom, packages: [installed, { ...installed, id: 'another' }] };
    expect(ask([cyclonedx(link)], { installed, target: twice }).statements).toEqual([]);
  });
  test('a reference that two components have names neither', () => {
    const twice = [
      { 'bom-ref': 'ssl', name: 'a', purl: PURL },
      { 'bom-ref': 'ssl', name: 'b' },
    ];
    expect(ask([cyclonedx({}, { components: twice })]).statements).toEqual([]);
  });
});

describe('several statements', () => {
  const older = openVex({ status: 'affected' }, { timestamp: '2024-06-28T00:00:00Z' });
  const newer = openVex({});
  const other = openVex({ status: 'affected' }, { author: 'Zeta Security' });

  test('the newest of one author counts, wherever it stands', () => {
    for (const documents of [
      [older, newer],
      [newer, older],
    ])
      expect(ask(documents).statements.map(({ status }) => status)).toEqual(['not_affected']);
  });
  test('an undated one is the oldest', () =>
    expect(ask([openVex({ status: 'affected' }, { timestamp: undefined }), newer]).statements[0]?.status).toBe(
      'not_affected',
    ));
  test('of one time all that differ count', () =>
    expect(ask([openVex({ status: 'affected' }), newer]).statements.map(({ status }) => status)).toEqual([
      'affected',
      'not_affected',
    ]));
  test('each author has a voice', () =>
    expect(ask([other, newer]).statements.map(({ author }) => author)).toEqual([
      'ACME Product Security',
      'Zeta Security',
    ]));
});

describe('one CVE of many products', () => {
  const purlOf = (index: number) => `pkg:npm/part-${index % 100}@1.0.${index}`;
  const statement = (index: number) => openVex({ products: [{ '@id': purlOf(index) }] }).statements[0];
  const indexes = Array.from({ length: 20_000 }, (_, index) => index);
  const cases = [
    ['a statement each', [{ ...openVex({}), statements: indexes.map(statement) }]],
    ['in one statement', [openVex({ products: indexes.map((index) => ({ '@id': purlOf(index) })) })]],
  ] as const;
  // Each claim held against each package would take minutes.
  test.each(cases)('%s', (_, documents) => {
    const claims = documents.flatMap((document) => readVex(bytes(document), 'x').claims);
    const packages = indexes.map((index) => ({ ...samplePackage, id: `${index}`, purl: purlOf(index) }));
    const find = indexClaims(claims, { ...target, packages });
    expect(packages.filter((installed) => find([CVE], installed).length === 1)).toHaveLength(packages.length);
    expect(find([CVE], { ...samplePackage, purl: 'pkg:npm/part-1@1.0.2' })).toEqual([]);
  });
});

describe('a document that says nothing', () => {
  const cases = [
    ['an SBOM', cyclonedx({}, { vulnerabilities: [] })],
    ['OpenVEX without statements', { ...openVex({}), statements: [] }],
  ] as const;
  test.each(cases)('%s is a problem', (_, document) =>
    expect(readVex(bytes(document), 'x').problems).toEqual([
      {
        ...{ code: 'vex.not-honoured', path: 'x' },
        message: 'x: it says of no vulnerability whether anything is affected',
      },
    ]),
  );
});

describe('what is refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"statements"', 'x: the JSON is not well-formed'],
    ['[]', 'x: it is no VEX document: neither OpenVEX, nor CSAF, nor CycloneDX in JSON'],
    ['{"name":"a"}', 'x: it is no VEX document'],
    ['{"document":{"csaf_version":"2.0"}}', 'x: CSAF: document.tracking is no object'],
    ['['.repeat(VEX_LIMITS.maxNestingDepth + 1), 'x: objects are nested deeper than maxNestingDepth'],
  ];
  for (const [text, message] of cases) {
    test(message, () => expect(() => readVex(Buffer.from(text), 'x')).toThrow(message));
  }

  test('there may be maxStatements, and no more', () => {
    const many = bytes({ ...openVex({}), statements: Array.from({ length: 3 }, () => openVex({}).statements[0]) });
    const { length } = readVex(many, 'x').claims;
    expect(length).toBe(3);
    const limits = { ...VEX_LIMITS, maxStatements: 3 };
    expect(readVex(many, 'x', limits).claims).toHaveLength(3);
    expect(() => readVex(many, 'x', { ...limits, maxStatements: 2 })).toThrow('x: it has more than maxStatements 2');
  });

  test('many faults are counted', () => {
    const statements = Array.from({ length: 25 }, () => ({ status: 'no' }));
    const { problems } = readVex(bytes({ ...openVex({}), statements }), 'x');
    expect(problems).toHaveLength(21);
    expect(problems[20]?.message).toBe('x: 5 further statements cannot be honoured');
  });
});
