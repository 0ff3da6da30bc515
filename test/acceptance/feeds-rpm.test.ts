import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileBody } from '../../src/feeds/document-body.ts';
import type { FeedRecord } from '../../src/feeds/record.ts';
import type { Updater } from '../../src/feeds/updater.ts';
import { amazonUpdater } from '../../src/feeds/updaters/amazon.ts';
import { oracleUpdater } from '../../src/feeds/updaters/oracle.ts';
import { rhelUpdater } from '../../src/feeds/updaters/rhel.ts';
import { sharedData } from './shared-data.ts';

const shared = sharedData();
const un = shared?.un ?? '';
const small = join(un, 'feeds-small/small');
const fixtures = join(un, 'feeds-fixtures/fixtures');

type AdvisoryRecord = Extract<FeedRecord, { kind: 'advisory' }>;

/** Everything that an updater makes of a file. */
async function parse(updater: Updater, name: string, file: string) {
  const problems: string[] = [];
  const body = fileBody(file, { name, sizeBytes: 0, maxBytes: 2 ** 32, keepCompressed: false });
  const context = { problem: ({ message }: { message: string }) => problems.push(message) };
  const parts = await Array.fromAsync(updater.parse({ name, revision: 'r', body }, context));
  const records = parts.flatMap((part) => part.records);
  const advisories = records.filter((record): record is AdvisoryRecord => record.kind === 'advisory');
  return { parts, records, advisories, problems };
}

const fixedOf = ({ affected }: AdvisoryRecord) => affected[0]?.fixed;
const unique = (values: readonly unknown[]) => [...new Set(values.map((value) => JSON.stringify(value)))].sort();

describe.skipIf(!shared)("Clair's samples", () => {
  interface Expected {
    readonly name: string;
    readonly link: string;
    readonly severity: string;
    readonly fixedIn: readonly { readonly namespace: string; readonly feature: string; readonly version: string }[];
  }
  const OURS = { Low: 'low', Medium: 'medium', High: 'high', Critical: 'critical' } as Record<string, string>;
  const expectedRows = (name: string, namespaceOf = (namespace: string) => namespace) => {
    const text = readFileSync(join(un, `clair-v1/expected/${name}.json`), 'utf8');
    const { vulnerabilities } = JSON.parse(text) as { vulnerabilities: Expected[] };
    return unique(
      vulnerabilities.flatMap(({ name: id, severity, fixedIn }) =>
        fixedIn.map(({ namespace, feature, version }) => [
          id,
          OURS[severity],
          namespaceOf(namespace),
          feature,
          version.replace(/^0:/, ''),
        ]),
      ),
    );
  };
  const rowsOf = (advisories: readonly AdvisoryRecord[]) =>
    unique(advisories.map((row) => [row.advisoryId, row.severity, row.namespace, row.packageName, fixedOf(row)]));
  const sample = (path: string) => join(un, 'clair-v1/testdata/ext/vulnsrc', path);

  for (const number of [1, 2]) {
    test(`oracle ${number}: what its own parser made of it`, async () => {
      const file = sample(`oracle/testdata/fetcher_oracle_test.${number}.xml`);
      const { advisories, problems } = await parse(oracleUpdater, 'com.oracle.elsa-all.xml', file);
      expect(rowsOf(advisories)).toEqual(expectedRows(`oracle.${number}`));
      expect(problems).toEqual([]);
    });

    test(`rhel ${number}: what its own parser made of it, which called the release centos`, async () => {
      const file = sample(`rhel/testdata/fetcher_rhel_test.${number}.xml`);
      const { advisories } = await parse(rhelUpdater, 'x.oval.xml', file);
      const expected = expectedRows(`rhel.${number}`, (namespace) => namespace.replace('centos', 'rhel'));
      expect(rowsOf(advisories)).toEqual(expected);
    });
  }

  for (const [name, release] of [
    ['amzn.1', '2018.03'],
    ['amzn.2', '2'],
  ] as const) {
    test(`${name}: what its own parser made of it`, async () => {
      const file = sample(`amzn/testdata/amazon_linux_${name.slice(-1)}_updateinfo.xml`);
      const { advisories, problems } = await parse(amazonUpdater, `updateinfo-${release}.xml`, file);
      expect(rowsOf(advisories)).toEqual(expectedRows(name));
      expect(problems).toEqual([]);
    });
  }
});

describe.skipIf(!shared)('Oracle', () => {
  const oval = join(small, 'oracle/oval');

  test('a genuine slice: every erratum, its flaws and packages', async () => {
    const [file = ''] = globSync('*all-positive-data.xml.bz2', { cwd: oval });
    const { parts, advisories, problems } = await parse(oracleUpdater, 'all.xml', join(oval, file));
    expect([parts.length, problems]).toEqual([14, []]);
    const bind = advisories.filter(({ advisoryId }) => advisoryId === 'ELSA-2007-0057');
    expect(unique(bind.map(({ vulnerabilityId }) => vulnerabilityId))).toEqual(['"CVE-2007-0493"', '"CVE-2007-0494"']);
    expect(unique(bind.map(({ packageName }) => packageName))).toHaveLength(8);
    expect(unique(bind.map(fixedOf))).toEqual(['"30:9.3.3-8.el5"']);
  });

  test('modules and architectures of a genuine slice', async () => {
    const [file = ''] = globSync('*com.oracle.elsa-all.xml.bz2', { cwd: oval });
    const { advisories } = await parse(oracleUpdater, 'all.xml', join(oval, file));
    expect(unique(advisories.map(({ qualifiers }) => qualifiers))).toEqual([
      '{"arches":["aarch64"],"module":"virt:kvm_utils"}',
      '{"arches":["x86_64","i386"]}',
    ]);
  });

  for (const name of ['broken-oval-data', 'fixtures_invalid']) {
    test(`${name} is refused`, async () => {
      const [file = ''] = globSync(`*${name}.xml.bz2`, { cwd: oval });
      await expect(parse(oracleUpdater, 'all.xml', join(oval, file))).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }

  test('all errata of the mirror, against the same text read by patterns', async () => {
    const file = join(shared?.mirror ?? '', 'linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2');
    const { parts, advisories, problems } = await parse(oracleUpdater, 'com.oracle.elsa-all.xml', file);
    expect(problems).toEqual([]);
    const text = await fileBody(file, { name: file, sizeBytes: 0, maxBytes: 2 ** 32, keepCompressed: false }).text();
    const definitions = [...text.matchAll(/<definition .*?<\/definition>/gs)].map(([definition]) => definition);
    expect(parts).toHaveLength(definitions.length);

    const expected = new Set<string>();
    for (const definition of definitions) {
      const [id] = /ELSA-[\d-]+/.exec(definition)!;
      const named = new Set([...definition.matchAll(/ref_id="(CVE-\d+-\d+)"/g)].map(([, cve]) => cve));
      let release = '';
      for (const [, comment = ''] of definition.matchAll(/comment="([^"]*)"/g)) {
        release = /^Oracle Linux (\d+) is installed$/.exec(comment)?.[1] ?? release;
        const [, name, fixed] = /^(?:.*::)?(\S+) is earlier than (?:0:)?(\S+)$/.exec(comment) ?? [];
        for (const flaw of name ? (named.size > 0 ? named : [id]) : []) {
          expected.add([id, flaw, `oracle:${release}`, name, fixed].join(' '));
        }
      }
    }
    const rows = advisories.map((row) =>
      [row.advisoryId, row.vulnerabilityId, row.namespace, row.packageName, fixedOf(row)].join(' '),
    );
    const found = new Set(rows);
    expect([...found.difference(expected)].slice(0, 10)).toEqual([]);
    expect([...expected.difference(found)].slice(0, 10)).toEqual([]);
  });
});

describe.skipIf(!shared)('Amazon', () => {
  const folder = join(small, 'amazon/fixtures');
  // biome-ignore format: a table
  const slices = [
    ['updateinfo-2018.03.xml', 'updateinfo_1.xml.gz',       ['ALAS-2011-1'],                        1],
    ['updateinfo-2.xml',       'updateinfo_2_items.xml.gz', ['ALAS2-2018-942', 'ALAS2-2018-949'], 260],
    ['updateinfo-2023.xml',    'updateinfo_2023.xml.gz',    ['ALAS2023-2023-001'],                 42],
  ] as const;
  for (const [name, file, ids, count] of slices) {
    test(`${file}: ${count} rows of ${ids.join(', ')}`, async () => {
      const { advisories, problems } = await parse(amazonUpdater, name, join(folder, file));
      expect(unique(advisories.map(({ advisoryId }) => advisoryId))).toEqual(ids.map((id) => JSON.stringify(id)));
      expect([advisories.length, problems]).toEqual([count, []]);
      expect(advisories.every((row) => row.severity !== undefined && fixedOf(row) !== undefined)).toBe(true);
    });
  }

  for (const file of ['updateinfo_invalid.xml.gz', 'updateinfo_invalid_xml.xml.gz']) {
    test(`${file} is refused`, async () => {
      const parsed = parse(amazonUpdater, 'updateinfo-2.xml', join(folder, file));
      await expect(parsed).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }
});

describe.skipIf(!shared)('Red Hat', () => {
  const vex = join(fixtures, 'claircore/rhel/vex/testdata');

  test('CVE-2023-38545: the curl of three streams, against the product ids read by patterns', async () => {
    const file = join(vex, 'cve-2023-38545.json');
    const { advisories, problems } = await parse(rhelUpdater, '2023/cve-2023-38545.json', file);
    expect(problems).toEqual([]);
    const { vulnerabilities } = JSON.parse(readFileSync(file, 'utf8')) as {
      vulnerabilities: { product_status: { fixed: string[] } }[];
    };
    const expected = vulnerabilities[0]!.product_status.fixed.flatMap((id) => {
      const [, name, version] = /^[^:]*-9\.\d[^:]*:(.+)-0:(.+)\.(?!src)[^.]+$/.exec(id) ?? [];
      return name ? [['rhel:9', name, version]] : [];
    });
    const rows = advisories
      .filter(({ namespace, fixState }) => namespace === 'rhel:9' && fixState === 'fixed')
      .filter(({ packageName }) => /curl/.test(packageName) && !packageName.startsWith('jbcs'));
    expect(unique(rows.map((row) => [row.namespace, row.packageName, fixedOf(row)]))).toEqual(unique(expected));
    expect(unique(rows.map(({ advisoryId }) => advisoryId))).toEqual([
      '"RHSA-2023:5700"',
      '"RHSA-2023:5763"',
      '"RHSA-2023:6745"',
    ]);
  });

  test('CVE-2023-4154: nothing of samba is affected', async () => {
    const file = join(small, 'redhat/csaf-vex/cve-2023-4154.json');
    const { advisories } = await parse(rhelUpdater, '2023/cve-2023-4154.json', file);
    expect(unique(advisories.map(({ status, note }) => [status, note]))).toEqual([
      '["not_affected","vulnerable_code_not_present"]',
    ]);
    expect(unique(advisories.map(({ namespace }) => namespace))).toEqual(
      ['6', '7', '8', '9'].map((release) => JSON.stringify(`rhel:${release}`)),
    );
  });

  test('documents that were taken back have no records', async () => {
    for (const id of ['CVE-2023-0030', 'CVE-2023-0031']) {
      const { parts } = await parse(rhelUpdater, `${id}.json`, join(vex, `delete_${id}.json`));
      expect(parts).toEqual([{ part: id, revision: '', records: [] }]);
    }
  });

  test('the archive: fix states in the words of Red Hat', async () => {
    const folder = join(fixtures, 'vuls-data-update/pkg/fetch/redhat/vex/v1/testdata/fixtures');
    const { parts, advisories, problems } = await parse(
      rhelUpdater,
      'csaf_vex.tar',
      join(folder, 'csaf_vex_2024-08-04.tar.zst'),
    );
    expect(parts.map(({ part }) => part).sort()).toEqual([
      'CVE-2023-6212',
      'CVE-2023-6228',
      'CVE-2023-6237',
      'CVE-2023-6238',
      'CVE-2023-6240',
    ]);
    expect(problems).toEqual([]);
    const unfixed = advisories.filter(({ status, fixState }) => status === 'affected' && fixState !== 'fixed');
    expect(unique(unfixed.map((row) => [row.vulnerabilityId, row.namespace, row.packageName, row.fixState]))).toEqual(
      unique([
        ['CVE-2023-6212', 'rhel:6', 'firefox', 'end_of_life'],
        ['CVE-2023-6212', 'rhel:6', 'thunderbird', 'end_of_life'],
        ['CVE-2023-6228', 'rhel:6', 'libtiff', 'end_of_life'],
        ['CVE-2023-6228', 'rhel:7', 'compat-libtiff3', 'end_of_life'],
        ['CVE-2023-6228', 'rhel:7', 'libtiff', 'end_of_life'],
        ['CVE-2023-6228', 'rhel:8', 'compat-libtiff3', 'will_not_fix'],
        ['CVE-2023-6228', 'rhel:8', 'libtiff', 'not_fixed'],
        ['CVE-2023-6237', 'rhel:9', 'edk2', 'not_fixed'],
        ['CVE-2023-6240', 'rhel:6', 'kernel', 'end_of_life'],
        ['CVE-2023-6240', 'rhel:7', 'kernel', 'end_of_life'],
        ['CVE-2023-6240', 'rhel:7', 'kernel-rt', 'end_of_life'],
        ['CVE-2023-6240', 'rhel:9', 'kernel-rt', 'not_fixed'],
      ]),
    );
  });

  test('modules, since 2025 in the package URL', async () => {
    const file = join(fixtures, 'claircore/test/acceptance/testdata/cve-2025-40907-perl.json');
    const { advisories } = await parse(rhelUpdater, '2025/cve-2025-40907.json', file);
    const modular = advisories.filter((row) => fixedOf(row)?.includes('.module+'));
    expect(modular.length).toBeGreaterThan(0);
    expect(unique(modular.map(({ qualifiers }) => qualifiers?.module))).toEqual(['"perl-FCGI:0.78"']);
  });

  test('OVAL v2: every genuine slice', async () => {
    const folder = join(small, 'redhat/oval');
    const counts: [string, number, string[]][] = [];
    for (const path of globSync('**/*.oval.xml.bz2', { cwd: folder }).sort()) {
      const name = basename(path, '.bz2');
      const { advisories, problems } = await parse(rhelUpdater, name, join(folder, path));
      counts.push([name, advisories.length, problems]);
    }
    expect(counts).toEqual([
      ['rhel-6-extras-including-unpatched.oval.xml', 12, []],
      ['dotnet-3.1-including-unpatched.oval.xml', 48, []],
      ['ansible-2-including-unpatched.oval.xml', 12, []],
      ['jboss-ws-5-including-unpatched.oval.xml', 1, []],
      ['rhel-9-including-unpatched.oval.xml', 9, []],
    ]);
  });
});
