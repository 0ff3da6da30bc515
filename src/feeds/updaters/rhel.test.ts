import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import type { FeedRecord } from '../record.ts';
import { Held, startTrial, type Trial } from '../updater.contract.ts';
import { releaseOfCpe } from './rhel/words.ts';
import { rhelUpdater } from './rhel.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/rhel');
const VEX = 'security.access.redhat.com/data/csaf/v2/vex';
const ARCHIVE = 'csaf_vex.tar';

type AdvisoryRecord = Extract<FeedRecord, { kind: 'advisory' }>;

/** The advisories of a part, in few words. */
function rowsOf(records: readonly FeedRecord[] | undefined) {
  return (records ?? [])
    .filter((record): record is AdvisoryRecord => record.kind === 'advisory')
    .map(({ advisoryId, namespace, packageName, packageKind, status, fixState, affected, note }) => [
      advisoryId,
      namespace,
      `${packageKind} ${packageName}`,
      status,
      fixState,
      affected.map(({ fixed }) => fixed ?? 'all').join(),
      note,
    ]);
}

async function contentOf(trial: Trial, settings: Record<string, string> = {}) {
  const held = new Held();
  await trial.update(held, { settings });
  return new Map(held.content());
}

describe('rhel: VEX', () => {
  test('fixed: an erratum for each binary; sources are left out, architectures and repositories joined', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const records = (await contentOf(trial)).get('CVE-2023-38545');
    // biome-ignore format: a table
    expect(rowsOf(records)).toEqual([
      ['RHSA-2023:6745',  'rhel:9', 'binary libcurl', 'affected',     'fixed',   '7.76.1-26.el9_3.2', undefined],
      ['RHSA-2023:5700',  'rhel:9', 'binary libcurl', 'affected',     'fixed',   '7.76.1-14.el9_0.9', undefined],
      ['CVE-2023-38545',  'rhel:8', 'binary libcurl', 'not_affected', 'unknown', '',                  'vulnerable_code_not_present'],
      ['CVE-2023-38545',  'rhel:8', 'source curl',    'not_affected', 'unknown', '',                  'vulnerable_code_not_present'],
    ]);
    expect(records?.[0]).toMatchObject({
      kind: 'vulnerability',
      id: 'CVE-2023-38545',
      severity: 'high',
      cvss: [{ source: 'rhel', version: '3.1', score: 8.8 }],
      cwes: ['CWE-787'],
      published: '2023-10-11T00:00:00+00:00',
    });
    expect(records?.[1]).toMatchObject({
      severity: 'high',
      link: 'https://access.redhat.com/errata/RHSA-2023:6745',
      qualifiers: {
        arches: ['aarch64', 'x86_64'],
        repositoryCpes: ['cpe:/a:redhat:enterprise_linux:9::appstream', 'cpe:/o:redhat:enterprise_linux:9::baseos'],
      },
    });
    expect(records?.[2]).toMatchObject({
      qualifiers: { arches: ['x86_64'], repositoryCpes: ['cpe:/o:redhat:rhel_eus:9.0::baseos'] },
    });
    expect(trial.problems).toEqual([]);
  });

  test("what has no fix, in Red Hat's words", async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    // biome-ignore format: a table
    expect(rowsOf((await contentOf(trial)).get('CVE-2023-6228'))).toEqual([
      ['RHSA-2024:2289', 'rhel:9', 'binary libtiff',         'affected', 'fixed',        '4.4.0-12.el9', undefined],
      ['CVE-2023-6228',  'rhel:6', 'source libtiff',         'affected', 'end_of_life',  'all',          'Out of support scope'],
      ['CVE-2023-6228',  'rhel:7', 'source libtiff',         'affected', 'end_of_life',  'all',          'Out of support scope'],
      ['CVE-2023-6228',  'rhel:8', 'source libtiff',         'affected', 'not_fixed',    'all',          'Affected'],
      ['CVE-2023-6228',  'rhel:8', 'source compat-libtiff3', 'affected', 'will_not_fix', 'all',          'Will not fix'],
    ]);
  });

  test('a module is a qualifier', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const records = (await contentOf(trial)).get('CVE-2025-40907');
    expect(records?.[1]).toMatchObject({
      affected: [{ fixed: '1:0.78-11.module+el8.2.0+23234+edafdda3.1' }],
      qualifiers: { module: 'perl-FCGI:0.78' },
    });
  });

  test('a module as a product of its own, as until 2025', async () => {
    const [module, nodejs] = [
      'nodejs:18:8090020231019152822:a75119d5',
      'nodejs-1:18.18.2-1.module+el8.9.0+20387.x86_64',
    ];
    const pair = (component: string, product: string) => ({
      full_product_name: { name: '', product_id: `${product}:${component}` },
      product_reference: component,
      relates_to_product_reference: product,
    });
    const product = (id: string, helper: object) => ({
      product: { product_id: id, product_identification_helper: helper },
    });
    const { parts } = await parse('2023/cve-2023-44487.json', {
      document: { tracking: { id: 'CVE-2023-44487', current_release_date: '2024-01-01T00:00:00+00:00' } },
      product_tree: {
        branches: [
          product('AppStream-8.9', { cpe: 'cpe:/a:redhat:enterprise_linux:8::appstream' }),
          product(module, { purl: `pkg:rpmmod/redhat/${module}` }),
          product(nodejs, { purl: 'pkg:rpm/redhat/nodejs@18.18.2-1.module%2Bel8.9.0%2B20387?arch=x86_64&epoch=1' }),
        ],
        relationships: [pair(module, 'AppStream-8.9'), pair(nodejs, `AppStream-8.9:${module}`)],
      },
      vulnerabilities: [{ cve: 'CVE-2023-44487', product_status: { fixed: [`AppStream-8.9:${module}:${nodejs}`] } }],
    });
    expect(parts[0]?.records[1]).toMatchObject({
      namespace: 'rhel:8',
      packageName: 'nodejs',
      affected: [{ fixed: '1:18.18.2-1.module+el8.9.0+20387' }],
      qualifiers: { module: 'nodejs:18', repositoryCpes: ['cpe:/a:redhat:enterprise_linux:8::appstream'] },
    });
  });

  test('a document that cannot be read costs no other one of the archive', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const path = `${VEX}/csaf_vex_2026-01-31.tar`;
    const archive = trial.publisher.files.get(path)!;
    trial.publisher.files.set(
      path,
      Buffer.from(archive.toString('latin1').replace('"csaf_vex"', '"csaf_vex '), 'latin1'),
    );
    const content = await contentOf(trial);
    expect(content.size).toBe(4);
    expect(trial.problems).toMatchObject([{ code: 'updater.malformed-document' }]);
  });
});

describe('rhel: what changed since the archive', () => {
  test('a changed document outweighs that of the archive', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    expect(rowsOf((await contentOf(trial)).get('CVE-2023-6237'))).toContainEqual(
      expect.arrayContaining(['RHSA-2024:2447', 'rhel:9', 'binary openssl-libs', '1:3.0.7-27.el9']),
    );
  });

  test('a document that was taken back leaves no records', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const content = await contentOf(trial);
    expect(content.get('CVE-2024-44943')).toEqual([]);
    expect(content.has('CVE-2024-5480')).toBe(false);
  });

  test('only what is new is asked for', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const held = new Held();
    await trial.update(held);
    trial.publisher.reset();
    const changes = `${VEX}/changes.csv`;
    const line = '"2023/cve-2023-6228.json","2026-02-01T08:00:00+00:00"\n';
    trial.publisher.files.set(changes, Buffer.concat([Buffer.from(line), trial.publisher.files.get(changes)!]));
    const tar = trial.publisher.files.get(`${VEX}/csaf_vex_2026-01-31.tar`)!.toString();
    const start = tar.lastIndexOf('{\n "document"', tar.indexOf('libtiff: heap-based'));
    const document = tar.slice(start, tar.indexOf('\0', start)).replace('2026-01-14', '2026-02-01');
    trial.publisher.files.set(
      `${VEX}/2023/cve-2023-6228.json`,
      Buffer.from(document.replaceAll('Will not fix', 'Affected')),
    );
    const fetched = await trial.update(held);
    expect(fetched.map((item) => [item.kind, item.kind === 'document' ? item.document.name : ''])).toContainEqual([
      'document',
      '2023/cve-2023-6228.json',
    ]);
    expect(trial.publisher.requests.some(({ path }) => path.endsWith('.tar.zst'))).toBe(false);
    const rows = rowsOf(new Map(held.content()).get('CVE-2023-6228'));
    expect(rows).toContainEqual(expect.arrayContaining(['source compat-libtiff3', 'not_fixed']));
  });

  test('the archive is read again when a document that outweighed it is gone', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const held = new Held();
    await trial.update(held);
    trial.publisher.files.set(`${VEX}/deletions.csv`, Buffer.from(''));
    const fetched = await trial.update(held);
    expect(fetched.at(-1)).toMatchObject({ kind: 'document', document: { name: ARCHIVE } });
    expect(new Map(held.content()).get('CVE-2024-44943')).not.toEqual([]);
  });

  test('one that is listed and not there is told, and what is held stays', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    trial.publisher.files.delete(`${VEX}/2023/cve-2023-6237.json`);
    const content = await contentOf(trial);
    expect(rowsOf(content.get('CVE-2023-6237'))).toContainEqual(expect.arrayContaining(['under_investigation']));
    expect(trial.problems).toMatchObject([{ code: 'updater.missing-document', path: '2023/cve-2023-6237.json' }]);
  });

  test('an archive that states no day is refused', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    trial.publisher.files.set(`${VEX}/archive_latest.txt`, Buffer.from('../../x.tar.zst'));
    await expect(trial.update(new Held())).rejects.toMatchObject({ code: 'feed.malformed' });
  });
});

describe('rhel: OVAL', () => {
  test('errata, flaws without a fix, and what is not affected', async () => {
    await using trial = await startTrial(rhelUpdater, FIXTURE);
    const content = await contentOf(trial, { formats: 'oval' });
    // biome-ignore format: a table
    expect([...content.values()].flatMap(rowsOf)).toEqual([
      ['CVE-2005-2541',  'rhel:9', 'binary tar',     'affected',     'will_not_fix', 'all',            'Will not fix'],
      ['RHSA-2022:4765', 'rhel:9', 'binary firefox', 'affected',     'fixed',        '91.9.1-1.el9_0', undefined],
      ['RHSA-2022:4765', 'rhel:9', 'binary firefox', 'affected',     'fixed',        '91.9.1-1.el9_0', undefined],
      ['CVE-2002-0059',  'rhel:9', 'binary zlib',    'not_affected', 'unknown',      '',               undefined],
    ]);
    expect([...content.values()][0]?.[0]).toMatchObject({
      kind: 'vulnerability',
      id: 'CVE-2005-2541',
      summary: 'tar: does not properly warn the user when extracting setuid or setgid files',
      severity: 'medium',
      cvss: [{ version: '3.1', score: 7, vector: 'CVSS:3.1/AV:L/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:H', source: 'rhel' }],
    });
    expect(trial.problems).toEqual([]);
  });

  test('flaws that stand in the references only', async () => {
    const path = join(FIXTURE, 'security.access.redhat.com/data/oval/v2/RHEL9/rhel-9-including-unpatched.oval.xml');
    const text = (await readFile(path, 'utf8')).replace(/<cve .*<\/cve>\n/g, '');
    const { parts, problems } = await parse('RHEL9/rhel-9.oval.xml', text);
    expect(problems).toEqual([]);
    expect(parts.flatMap(({ records }) => rowsOf(records))).toHaveLength(4);
  });
});

describe('releaseOfCpe', () => {
  const cases = [
    ['cpe:/o:redhat:enterprise_linux:9', '9', 'a release'],
    ['cpe:/a:redhat:enterprise_linux:10::appstream', '10', 'a repository'],
    ['cpe:/o:redhat:enterprise_linux_eus:10.0', '10', 'a stream of a minor release'],
    ['cpe:/a:redhat:rhel_aus:8.4::appstream', '8', 'another'],
    ['cpe:/o:redhat:rhel_els:7', '7', 'the extended life cycle'],
    ['cpe:/a:redhat:openshift:4.16::el9', '9', 'a product built for a release'],
    ['cpe:/a:redhat:rhel_software_collections:3', undefined, "a product's own version is no release"],
    ['cpe:/a:redhat:jboss_core_services:1', undefined, 'a product of no release'],
    ['cpe:/o:centos:centos:8', undefined, 'another vendor'],
  ] as const;
  for (const [cpe, release, shows] of cases) {
    test(`${cpe}: ${shows}`, () => expect(releaseOfCpe(cpe)).toBe(release));
  }
});

test('rhel: coverage ends with maintenance', () => {
  expect(rhelUpdater.covers('rhel:7')).toEqual({ until: '2024-06-30' });
  expect(rhelUpdater.covers('rhel:10')).toEqual({ until: '2035-05-31' });
  expect(rhelUpdater.covers('centos:7')).toBeUndefined();
});

async function parse(name: string, content: object | string) {
  const problems: Problem[] = [];
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  const document = { name, revision: 'r', body: memoryBody(Buffer.from(text)) };
  const parts = await Array.fromAsync(rhelUpdater.parse(document, { problem: (found) => problems.push(found) }));
  return { parts, problems };
}
