import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../model/problem.ts';
import { memoryBody } from '../document-body.ts';
import { makeZip } from '../publisher.contract.ts';
import type { FeedRecord } from '../record.ts';
import { Held, startTrial, type Trial } from '../updater.contract.ts';
import { osvUpdater } from './osv.ts';

const fixture = join(import.meta.dirname, 'fixtures/osv');
const bucket = 'osv-vulnerabilities.storage.googleapis.com';

/** The records of the fixture, by part. */
async function fixtureParts(): Promise<{
  readonly parts: ReadonlyMap<string, readonly FeedRecord[]>;
  readonly problems: readonly Problem[];
}> {
  await using trial = await startTrial(osvUpdater, fixture);
  const held = new Held();
  await trial.update(held);
  return { parts: new Map(held.content()), problems: trial.problems };
}

/** What one record of an ecosystem says. */
async function parse(
  ecosystem: string,
  record: object,
): Promise<{ readonly records: readonly FeedRecord[]; readonly problems: readonly Problem[] }> {
  const problems: Problem[] = [];
  const body = memoryBody(
    Buffer.from(JSON.stringify({ id: 'GHSA-jf85-cpcp-j695', modified: '2024-04-22T19:49:41Z', ...record })),
  );
  const document = { name: `${ecosystem}/one.json`, revision: '1', body };
  const parts = await Array.fromAsync(osvUpdater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { records: parts.flatMap(({ records }) => records), problems };
}

const range = (...events: readonly object[]) => ({ type: 'ECOSYSTEM', events });
const of = (ecosystem: string, name: string, more: object = {}) => ({
  package: { ecosystem, name },
  ranges: [range({ introduced: '0' }, { fixed: '1.0' })],
  ...more,
});

describe('language packages', () => {
  test("GitHub's advisory: the flaw, and a statement for each package of the ecosystem", async () => {
    const { parts } = await fixtureParts();
    const statement = {
      kind: 'advisory',
      advisoryId: 'GHSA-jf85-cpcp-j695',
      vulnerabilityId: 'GHSA-jf85-cpcp-j695',
      packageKind: 'binary',
      status: 'affected',
      fixState: 'fixed',
      severity: 'critical',
    };
    expect(parts.get('npm/GHSA-jf85-cpcp-j695')).toEqual([
      {
        kind: 'vulnerability',
        id: 'GHSA-jf85-cpcp-j695',
        summary: 'Prototype Pollution in lodash',
        description: 'Versions of `lodash` before 4.17.12 are vulnerable to Prototype Pollution.',
        severity: 'critical',
        cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:H', source: 'osv' }],
        cwes: ['CWE-1321', 'CWE-20'],
        references: [
          { url: 'https://nvd.nist.gov/vuln/detail/CVE-2019-10744', tags: ['ADVISORY'] },
          { url: 'https://github.com/lodash/lodash/pull/4336', tags: ['WEB'] },
        ],
        published: '2019-07-10T19:45:23Z',
        modified: '2024-04-22T19:49:41Z',
        aliases: ['CVE-2019-10744'],
      },
      { ...statement, namespace: 'npm', packageName: 'lodash', affected: [{ introduced: '0', fixed: '4.17.12' }] },
      { ...statement, namespace: 'npm', packageName: 'lodash-es', affected: [{ introduced: '0', fixed: '4.17.14' }] },
    ]);
    expect(parts.get('RubyGems/GHSA-jf85-cpcp-j695')?.slice(1)).toMatchObject([
      { namespace: 'gem', packageName: 'lodash-rails' },
    ]);
  });

  test('PyPI: PEP 503 names; enumerated versions stand beside the ranges', async () => {
    const { parts } = await fixtureParts();
    expect(parts.get('PyPI/PYSEC-2018-28')?.[1]).toMatchObject({
      namespace: 'pypi',
      packageName: 'requests',
      affected: [{ introduced: '0', fixed: '2.20.0' }],
      versions: ['2.19.0', '2.19.1'],
    });
  });

  test("Go's standard library is a package; a withdrawn record keeps its text and states nothing", async () => {
    const { parts } = await fixtureParts();
    const [flaw, statement] = parts.get('Go/GO-2021-0067') ?? [];
    expect(flaw).not.toHaveProperty('modified');
    expect(statement).toMatchObject({
      namespace: 'golang',
      packageName: 'stdlib',
      affected: [{ introduced: '1.16.0-0', fixed: '1.16.1' }],
    });
    expect(parts.get('Go/GO-2022-0617')).toMatchObject([{ kind: 'vulnerability', withdrawn: '2024-08-21T16:25:56Z' }]);
  });

  test('malware has no fix', async () => {
    const { parts } = await fixtureParts();
    expect(parts.get('npm/MAL-2022-7308')?.[1]).toMatchObject({
      packageName: 'zaiku',
      affected: [{ introduced: '0' }],
      fixState: 'not_fixed',
    });
  });

  test('GIT ranges are statements on their repository: one a range, with the fixes of all branches', async () => {
    const [first, second, third] = [
      '9305c0e12d43c4df999c3301a1f0c742264a657e',
      'b45c377f8f488955e0c7069cad3f3dd21910b071',
      '92d3430f12171f16f566c9050c40feefb830a4a3',
    ];
    const repo = 'https://github.com/django/django';
    const commits = {
      type: 'GIT',
      repo,
      events: [{ introduced: '0' }, ...[first, second, third].map((fixed) => ({ fixed }))],
    };
    const { records } = await parse('PyPI', {
      id: 'PYSEC-2012-7',
      affected: [of('PyPI', 'django', { ranges: [commits, range({ introduced: '0' }, { fixed: '1.3.2' })] })],
    });
    const common = {
      kind: 'advisory',
      advisoryId: 'PYSEC-2012-7',
      vulnerabilityId: 'PYSEC-2012-7',
      packageKind: 'binary',
    };
    expect(records.slice(1)).toEqual([
      {
        ...common,
        namespace: 'pypi',
        packageName: 'django',
        status: 'affected',
        affected: [{ introduced: '0', fixed: '1.3.2' }],
        fixState: 'fixed',
      },
      {
        ...common,
        namespace: 'git',
        packageName: 'github.com/django/django',
        status: 'affected',
        affected: [first, second, third].map((fixed) => ({ introduced: '0', fixed })),
        fixState: 'fixed',
      },
    ]);
  });

  for (const [archive, named] of [
    ['OSS-Fuzz', { package: { ecosystem: 'OSS-Fuzz', name: 'file' } }],
    ['GIT', {}],
  ] as const) {
    test(`of ${archive} nothing but the commits is read (OSV-2017-134)`, async () => {
      const [introduced, fixed] = [
        '17ee4cf670c363de8d2ea4a4897d7a699837873f',
        '19ccebafb7663c422c714e0c67fa4775abf91c43',
      ];
      const ranges = [{ type: 'GIT', repo: 'https://github.com/file/file.git', events: [{ introduced }, { fixed }] }];
      const affected = [{ ...named, ranges, versions: ['FILE5_31'] }];
      const { records, problems } = await parse(archive, { id: 'OSV-2017-134', affected });
      expect(records.slice(1)).toMatchObject([
        { namespace: 'git', packageName: 'github.com/file/file', affected: [{ introduced, fixed }] },
      ]);
      expect(records[1]).not.toHaveProperty('versions');
      expect(problems).toEqual([]);
    });
  }

  test('versions alone decide by equality', async () => {
    const { records } = await parse('npm', {
      affected: [{ package: { ecosystem: 'npm', name: 'event-stream' }, versions: ['3.3.6'] }],
    });
    expect(records[1]).toMatchObject({ affected: [], versions: ['3.3.6'], fixState: 'unknown', status: 'affected' });
  });

  test('a package that is listed once for each range has one statement', async () => {
    const fixed = (introduced: string, version: string) => range({ introduced }, { fixed: version });
    const { records } = await parse('npm', {
      affected: [
        of('npm', 'a', { ranges: [fixed('1.0.0', '1.0.4')] }),
        of('npm', 'a', { ranges: [range({ introduced: '2.0.0' }, { last_affected: '2.1.0' })], versions: ['2.0.0'] }),
        of('npm', 'b'),
      ],
    });
    expect(records.slice(1)).toMatchObject([
      {
        packageName: 'a',
        affected: [
          { introduced: '1.0.0', fixed: '1.0.4' },
          { introduced: '2.0.0', lastAffected: '2.1.0' },
        ],
        versions: ['2.0.0'],
        fixState: 'fixed',
      },
      { packageName: 'b' },
    ]);
  });

  test("ranges whose order cannot be told are under investigation; RustSec's notices say what they are", async () => {
    const events = [{ introduced: '0' }, { introduced: '2.0' }, { fixed: '1.5' }, { fixed: '2.3' }];
    const unsorted = await parse('npm', {
      affected: [{ package: { ecosystem: 'npm', name: 'a' }, ranges: [range(...events)] }],
    });
    expect(unsorted.records[1]).toMatchObject({ status: 'under_investigation', affected: [{ introduced: '0' }] });
    const notice = await parse('crates.io', {
      affected: [of('crates.io', 'ansi_term', { database_specific: { informational: 'unmaintained' } })],
    });
    expect(notice.records[1]).toMatchObject({ note: 'unmaintained' });
  });

  test('errata are never aliases', async () => {
    const { records } = await parse('npm', { aliases: ['CVE-2019-10744', 'RHSA-2019:3024', 'DSA-1-1'] });
    expect(records[0]).toMatchObject({ aliases: ['CVE-2019-10744'] });
  });
});

describe('errata', () => {
  test('speak of the CVEs that they name, with their own word for the severity', async () => {
    const { parts } = await fixtureParts();
    expect(parts.get('AlmaLinux/ALSA-2022:1065')).toEqual(
      ['openssl', 'openssl-libs'].map((packageName) => ({
        kind: 'advisory',
        advisoryId: 'ALSA-2022:1065',
        vulnerabilityId: 'CVE-2022-0778',
        namespace: 'almalinux:8',
        packageName,
        packageKind: 'binary',
        status: 'affected',
        affected: [{ introduced: '0', fixed: '1:1.1.1k-6.el8_5' }],
        fixState: 'fixed',
        severity: 'high',
        link: 'https://errata.almalinux.org/8/ALSA-2022-1065.html',
      })),
    );
    expect(parts.get('Rocky Linux/RLSA-2022:1065')).toMatchObject([
      { namespace: 'rocky:8', vulnerabilityId: 'CVE-2022-0778' },
    ]);
  });

  test('on a module speak of its stream', async () => {
    const { parts } = await fixtureParts();
    const nodejs = parts.get('AlmaLinux/ALSA-2021:0551');
    expect(nodejs).toMatchObject(
      ['CVE-2020-7754', 'CVE-2020-7774'].map((vulnerabilityId) => ({
        vulnerabilityId,
        qualifiers: { module: 'nodejs:14' },
      })),
    );
    const build = {
      package: { ecosystem: 'AlmaLinux:8', name: 'qemu-kvm' },
      ranges: [range({ introduced: '0' }, { fixed: '15:4.2.0-34.module_el8.3.0+2048+e7a0a3ea' })],
    };
    const virt = await parse('AlmaLinux', {
      id: 'ALSA-2020:4676',
      summary: 'Moderate: virt:rhel and virt-devel:rhel security update',
      related: ['CVE-2020-1983'],
      affected: [build],
    });
    expect(virt.records.map((record) => record.kind === 'advisory' && record.qualifiers)).toEqual([
      { module: 'virt:rhel' },
      { module: 'virt-devel:rhel' },
    ]);
    const nameless = await parse('AlmaLinux', {
      id: 'ALSA-2023:5989',
      summary: 'Important: varnish security update',
      related: ['CVE-2023-44487'],
      affected: [build],
    });
    expect(nameless.records).toMatchObject([{ kind: 'advisory', vulnerabilityId: 'CVE-2023-44487' }]);
    expect(nameless.records[0]).not.toHaveProperty('qualifiers');
  });

  test('of Red Hat name all repositories of the same build in one statement', async () => {
    const { parts } = await fixtureParts();
    expect(parts.get('Red Hat/RHSA-2022:1065')).toMatchObject([
      {
        namespace: 'rhel:8',
        qualifiers: {
          repositoryCpes: ['cpe:/:redhat:enterprise_linux:8::appstream', 'cpe:/:redhat:enterprise_linux:8::baseos'],
        },
      },
    ]);
  });

  const named = [
    // what the erratum states                                                                             vulnerabilities
    [
      { upstream: ['CVE-2022-1', 'CVE-2022-2'], related: ['CVE-2022-3'] },
      ['CVE-2022-1', 'CVE-2022-2'],
      '`upstream` counts first',
    ],
    [{ related: ['CVE-2022-0003', 'GO-2022-1'] }, ['CVE-2022-0003'], 'then `related`, CVEs only where there are any'],
    [
      { related: ['RHSA-2022:1'], aliases: ['CVE-2022-0004'] },
      ['CVE-2022-0004'],
      'then `aliases`; other errata do not count',
    ],
    [
      { references: [{ url: 'https://access.redhat.com/security/cve/CVE-2022-0005' }] },
      ['CVE-2022-0005'],
      'then references',
    ],
    [{}, ['ALSA-2022:1'], 'one on security that names none stands for itself'],
  ] as const;
  for (const [stated, ids, shows] of named) {
    test(shows, async () => {
      const { records } = await parse('AlmaLinux', {
        id: 'ALSA-2022:1',
        affected: [of('AlmaLinux:8', 'a')],
        ...stated,
      });
      expect(records.flatMap((record) => (record.kind === 'advisory' ? [record.vulnerabilityId] : []))).toEqual(ids);
    });
  }

  test('on bugs that name no vulnerability are a part without records', async () => {
    const { parts } = await fixtureParts();
    expect(parts.get('AlmaLinux/ALBA-2019:1955')).toEqual([]);
  });
});

describe('what cannot be read', () => {
  test('ecosystems that we do not know are a problem once', async () => {
    const { problems } = await fixtureParts();
    expect(problems.map(({ message }) => message)).toEqual(['Android is not read']);
    const release = await parse('AlmaLinux', {
      id: 'ALSA-2022:1',
      related: ['CVE-2022-1'],
      affected: [of('AlmaLinux', 'a'), of('AlmaLinux:8', 'b')],
    });
    expect(release.problems).toHaveLength(1);
    expect(release.records).toHaveLength(1);
  });

  test('a record without id or date is a problem', async () => {
    expect((await parse('npm', { modified: 'soon' })).problems).toMatchObject([{ code: 'updater.incomplete-entry' }]);
  });
});

/** Puts these records (id -> date) of npm onto the publisher: archive, index, and one file each. */
function publish({ files }: Trial['publisher'], ids: Readonly<Record<string, string>>, archived = ids): void {
  const folder = mkdtempSync(join(tmpdir(), 'cvescan-osv-'));
  const record = (id: string, modified: string) =>
    JSON.stringify({ id, modified, affected: [of('npm', id.toLowerCase())] });
  mkdirSync(folder, { recursive: true });
  for (const [id, modified] of Object.entries(archived))
    writeFileSync(join(folder, `${id}.json`), record(id, modified));
  for (const [id, modified] of Object.entries(ids))
    files.set(`${bucket}/npm/${id}.json`, Buffer.from(record(id, modified)));
  files.set(`${bucket}/npm/all.zip`, makeZip(folder));
  files.set(
    `${bucket}/npm/modified_id.csv`,
    Buffer.from(
      Object.entries(ids)
        .map(([id, modified]) => `${modified},${id}\n`)
        .join(''),
    ),
  );
  files.set(`${bucket}/ecosystems.txt`, Buffer.from('npm\n'));
  rmSync(folder, { recursive: true });
}

const day = (nth: number) => `2024-11-${String(nth).padStart(2, '0')}T00:00:00Z`;
const pathsAsked = ({ requests }: Trial['publisher']) => requests.map(({ path }) => path.slice(bucket.length + 1));

describe('increments', () => {
  test('fetch the few records that changed, drop what is gone, and come to the same as a full update', async () => {
    await using trial = await startTrial(osvUpdater, fixture);
    const held = new Held();
    publish(trial.publisher, { A: day(1), B: day(1), C: day(1) });
    await trial.update(held);
    const states = [
      { A: day(1), B: day(2), D: day(2) },
      { A: day(3), B: day(2), D: day(2) },
      { A: day(3), B: day(4), D: day(2) },
      { B: day(4) },
    ];
    const asked = [['B.json', 'D.json'], ['A.json'], ['B.json'], []];
    for (const [nth, state] of states.entries()) {
      publish(trial.publisher, state);
      trial.publisher.reset();
      await trial.update(held);
      expect(pathsAsked(trial.publisher)).toEqual([
        'ecosystems.txt',
        'npm/modified_id.csv',
        ...asked[nth]!.map((file) => `npm/${file}`),
      ]);
      const full = new Held();
      await trial.update(full);
      expect(held.content()).toEqual(full.content());
    }
  });

  test('fetch the archive for many changes; one that lags behind its index does not undo newer records', async () => {
    await using trial = await startTrial(osvUpdater, fixture);
    const many = (date: string) => Object.fromEntries(Array.from({ length: 101 }, (_, nth) => [`N${nth}`, date]));
    const held = new Held();
    publish(trial.publisher, { A: day(1), ...many(day(1)) });
    await trial.update(held);
    publish(trial.publisher, { A: day(5), ...many(day(1)) });
    await trial.update(held);
    publish(trial.publisher, { A: day(5), ...many(day(6)) }, { A: day(1), ...many(day(6)) });
    trial.publisher.reset();
    await trial.update(held);
    expect(pathsAsked(trial.publisher)).toContain('npm/all.zip');
    const revisions = new Map([...held.parts()].map(({ part, revision }) => [part, revision]));
    expect(revisions.get('npm/A')).toBe(day(5));
    expect(revisions.get('npm/N7')).toBe(day(6));
  });

  test('an ecosystem that a mirror lacks keeps what is held, and is a gap', async () => {
    await using trial = await startTrial(osvUpdater, fixture);
    const held = new Held();
    publish(trial.publisher, { A: day(1) });
    await trial.update(held);
    const before = held.content();
    for (const path of [...trial.publisher.files.keys()])
      if (path.includes('/npm/')) trial.publisher.files.delete(path);
    await trial.update(held, { mirror: trial.publisher.url });
    expect(held.content()).toEqual(before);
    expect(trial.problems).toMatchObject([{ code: 'feed.not-in-mirror', path: 'npm' }]);
  });

  test('an index with a line that cannot be read is refused: the record of that line would be dropped', async () => {
    await using trial = await startTrial(osvUpdater, fixture);
    publish(trial.publisher, { A: day(1) });
    trial.publisher.files.set(`${bucket}/npm/modified_id.csv`, Buffer.from(`${day(1)},A\nyesterday,B\n`));
    await expect(trial.update(new Held())).rejects.toMatchObject({ code: 'feed.malformed' });
  });
});
