import { describe, expect, test } from 'vitest';
import { readDocument } from './read-document.ts';

const bom = (fields: object): Buffer =>
  Buffer.from(JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', ...fields }));
const components = (...list: readonly unknown[]): Buffer => bom({ components: list });
const read = (bytes: Buffer, options = {}) => readDocument('bom.json', bytes, options);

describe('the release of packages', () => {
  const deb = { type: 'library', name: 'bash', purl: 'pkg:deb/debian/bash@5.2.15-2?arch=amd64' };
  const system = (version: string) => ({ type: 'operating-system', name: 'debian', version });
  const ubuntu = { type: 'library', name: 'bash', purl: 'pkg:deb/ubuntu/bash@5.1-6?arch=amd64' };
  const rpm = { type: 'library', name: 'bash', purl: 'pkg:rpm/fedora/bash@5.2.15-2' };
  const own = { type: 'library', name: 'bash', purl: 'pkg:deb/debian/bash@5.2.15-2?distro=debian-11' };
  const derived = { type: 'library', name: 'bash', purl: 'pkg:deb/kali/bash@5.2.15-2' };

  const cases = [
    // components              --distro       namespace     what the row shows
    [[deb], undefined, undefined, 'nothing names it'],
    [[deb, system('12.5')], undefined, 'debian:12', 'the component of the system'],
    [[deb], 'debian:11', 'debian:11', 'the user'],
    [[deb, system('12')], 'debian:11', 'debian:12', 'the document before the user'],
    [[own, system('12')], undefined, 'debian:11', 'the package before the document'],
    [[deb, system('11'), system('12')], undefined, undefined, 'two systems are none'],
    [[ubuntu], 'debian:12', undefined, "not another vendor's"],
    [[derived], 'debian:12', 'debian:12', 'a vendor that has no feed of its own'],
    [[rpm], 'debian:12', undefined, 'not another kind of package'],
  ] as const;
  for (const [list, distro, namespace, shows] of cases) {
    test(`${shows}: ${namespace}`, async () => {
      const { packages } = await read(components(...list), { distro });
      expect(packages.find(({ name }) => name === 'bash')?.namespace).toBe(namespace);
    });
  }

  test('the system is no package where it is the release, and one where it is not', async () => {
    const yocto = { type: 'operating-system', name: 'poky', version: '1.8' };
    const { packages } = await read(components(system('11'), system('12'), yocto));
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['debian 11', 'debian 12', 'poky 1.8']);
  });
});

describe('nothing is dropped in silence', () => {
  const cases = [
    // component                                          packages  problem                              what the row shows
    [{ type: 'library', name: 'x' }, ['x '], undefined, 'no version'],
    [
      { type: 'library', name: 'x', version: 1.2 },
      ['x '],
      'components[0].version is no text',
      'a version that is a number',
    ],
    [{ type: 'nonsense', name: 'x', version: '1' }, ['x 1'], undefined, 'an unknown type'],
    [{ name: 'x', version: '1' }, ['x 1'], undefined, 'no type'],
    [{ type: 'library', version: '1' }, [' 1'], 'components[0] has no name', 'no name'],
    [{ type: 'library', name: 'x', purl: 'nonsense' }, ['x '], 'components[0] "nonsense" is no package URL', 'no purl'],
    [{ type: 'library', name: 'x', cpe: 'nonsense' }, ['x '], 'components[0] "nonsense" is no CPE', 'no CPE'],
    ['nonsense', [], 'components[0] is no component', 'no object'],
    [{ type: 'file', name: 'x' }, ['x '], undefined, 'a file'],
    [
      { type: 'library', name: 'x', components: 7 },
      ['x '],
      'components[0].components is no list',
      'nested ones that are no list',
    ],
  ] as const;
  for (const [component, names, problem, shows] of cases) {
    test(shows, async () => {
      const { packages, problems } = await read(components(component));
      expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(names);
      expect(problems[0]?.message).toBe(problem);
    });
  }

  test('components with the same reference are all listed, and it is said', async () => {
    const { packages, problems } = await read(
      components(...['a', 'b', 'c'].map((name) => ({ type: 'library', 'bom-ref': 'r', name }))),
    );
    expect(packages).toHaveLength(3);
    expect(problems).toMatchObject([
      { message: 'components[1] has the bom-ref r of another component, as have 1 more' },
    ]);
  });

  test('the same component twice is two packages', async () => {
    const { packages } = await read(components({ name: 'x', version: '1' }, { name: 'x', version: '1' }));
    expect(packages.map(({ id }) => id)).toEqual(['generic/x@1', 'generic/x@1#2']);
  });

  test('an id stands for one package, also where a version looks like the number of a repeat', async () => {
    const { packages } = await read(components(...['1', '1', '1#2', '1#2'].map((version) => ({ name: 'x', version }))));
    expect(packages.map(({ id }) => id)).toEqual(['generic/x@1', 'generic/x@1#3', 'generic/x@1#2', 'generic/x@1#2#2']);
  });

  test('statements on what is not there are counted', async () => {
    const vulnerability = { id: 'CVE-2021-44228', analysis: { state: 'resolved' }, affects: [{ ref: 'elsewhere' }] };
    const { problems } = await read(
      bom({ vulnerabilities: [vulnerability, { ...vulnerability, id: 'CVE-2021-45046' }] }),
    );
    expect(problems).toMatchObject([
      { message: expect.stringContaining('make 2 statements on components that this document does not have') },
    ]);
  });

  test('a hundred problems are listed, the others counted', async () => {
    const { problems } = await read(components(...Array.from({ length: 250 }, () => 'nonsense')));
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.message).toBe('and 150 more problems of this document');
  });
});

describe('limits', () => {
  const nested = (depth: number) =>
    Buffer.from(`{"bomFormat":"CycloneDX","a":${'['.repeat(depth)}${']'.repeat(depth)}}`);
  /** Within an element that is read, or in one that is walked over. */
  const deepXml = (depth: number, name = 'a') =>
    Buffer.from(
      `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">${`<${name}>`.repeat(depth)}${`</${name}>`.repeat(depth)}</bom>`,
    );
  const listed = (count: number) => components(...Array.from({ length: count }, () => ({ name: 'x' })));
  const analysed = (count: number) => {
    const affects = [{ ref: 'r' }];
    const vulnerabilities = Array.from({ length: count }, (_, n) => ({
      ...{ id: `CVE-2020-${n}`, analysis: { state: 'resolved' }, affects },
    }));
    return bom({
      components: [
        { name: 'x', 'bom-ref': 'r' },
        { name: 'y', 'bom-ref': 'r' },
      ],
      vulnerabilities,
    });
  };
  const cpes = (count: number) => Buffer.from('cpe:2.3:a:x:x:1:*:*:*:*:*:*:*\n'.repeat(count));
  const cases = [
    // limit                        at the limit                above it                    name
    [{ maxNestingDepth: 20 }, nested(19), nested(20), 'maxNestingDepth'],
    [{ maxObjects: 5 }, listed(3), listed(4), 'maxObjects'],
    [{ maxComponents: 3 }, listed(3), listed(4), 'maxComponents'],
    [{ maxStatements: 6 }, analysed(3), analysed(4), 'maxStatements'],
    [{ maxCpes: 3 }, cpes(3), cpes(4), 'maxCpes'],
    [{ maxStringBytes: 100 }, bom({ a: 'x'.repeat(100) }), bom({ a: 'x'.repeat(101) }), 'maxStringBytes'],
    [{}, deepXml(999), deepXml(1000), 'maxDepth'],
    [{}, deepXml(999, 'licenses'), deepXml(1000, 'licenses'), 'maxDepth'],
  ] as const;
  for (const [limits, at, above, name] of cases) {
    test(name, async () => {
      await expect(read(at, { limits })).resolves.toBeDefined();
      await expect(read(above, { limits })).rejects.toMatchObject({
        code: 'document.limit-exceeded',
        message: expect.stringContaining(name),
      });
    });
  }

  test('components that are nested 10,000 deep are refused, not crashed on', async () => {
    const deep = `{"bomFormat":"CycloneDX","components":[${'{"name":"x","components":['.repeat(10_000)}${']}'.repeat(10_000)}]}`;
    await expect(read(Buffer.from(deep))).rejects.toMatchObject({ code: 'document.limit-exceeded' });
  });
});

describe('forms', () => {
  const text = '# list\npkg:npm/lodash@4.17.20\n';
  test('UTF-16 and byte order marks are read', async () => {
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]),
    ])
      expect((await read(bytes)).packages).toMatchObject([{ name: 'lodash' }]);
  });

  test('broken JSON is refused, with its place and without its words', async () => {
    await expect(read(Buffer.from('{\n  "bomFormat": "\u001b[31m"}'))).rejects.toMatchObject({
      code: 'document.malformed',
      message: 'the JSON is not well-formed: line 2, column 17',
    });
    for (const text of ['{"bomFormat": "CycloneDX"', '{"a": evil}', '{"a": 1} more'])
      await expect(read(Buffer.from(text)), text).rejects.toMatchObject({
        code: 'document.malformed',
        message: expect.not.stringMatching(/evil|more|Cyclone/),
      });
  });

  test('XML with entities of its own is refused', async () => {
    const bomb = '<!DOCTYPE bom [<!ENTITY a "aaaa">]><bom xmlns="http://cyclonedx.org/schema/bom/1.6"><a>&a;</a></bom>';
    await expect(read(Buffer.from(bomb))).rejects.toMatchObject({ code: 'document.malformed' });
  });

  test('a format may be named; one that is not there is said so', async () => {
    const unmarked = Buffer.from(JSON.stringify({ packages: [{ name: 'x', versionInfo: '1' }] }));
    await expect(read(unmarked)).rejects.toMatchObject({ code: 'document.unknown-format' });
    expect(await read(unmarked, { format: 'spdx-json' })).toMatchObject({
      packages: [{ name: 'x', version: '1' }],
      problems: [{ code: 'reader.deviation', message: expect.stringContaining('does not look like SPDX 2.2 and 2.3') }],
    });
    await expect(read(unmarked, { format: 'spdx-jason' })).rejects.toMatchObject({
      code: 'usage.invalid',
      message: expect.stringContaining('spdx-json'),
    });
    await expect(read(unmarked, { format: 'purl' })).rejects.toMatchObject({ code: 'document.malformed' });
  });

  test('what is no text is not called so', () =>
    expect(read(Buffer.from([1, 2, 0xfe, 0]))).rejects.toMatchObject({
      code: 'document.unknown-format',
      message: expect.stringContaining('it is binary data, but none'),
    }));

  test('spdx-json stands for SPDX 3 too', async () => {
    const document = {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [{ type: 'software_Package', name: 'x' }],
    };
    expect(await read(Buffer.from(JSON.stringify(document)), { format: 'spdx-json' })).toMatchObject({
      packages: [{ name: 'x' }],
      problems: [],
    });
  });
});
