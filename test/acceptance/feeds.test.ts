import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryBody } from '../../src/feeds/document-body.ts';
import { createFeedAccess, type FeedAccess } from '../../src/feeds/feed-access.ts';
import type { FeedPart, FeedRecord } from '../../src/feeds/record.ts';
import type { FeedDocument, PreviousState, Updater } from '../../src/feeds/updater.ts';
import { findUpdater } from '../../src/feeds/updaters/registry.ts';
import { canonicalPackageName } from '../../src/model/package-name.ts';
import type { Problem } from '../../src/model/problem.ts';
import { bufferSource } from '../../src/platform/archives/byte-source.ts';
import { zipEntries } from '../../src/platform/archives/zip.ts';
import { sharedData } from './shared-data.ts';

const shared = sharedData();

const updaterOf = (name: string): Updater => {
  const updater = findUpdater(name);
  if (!updater) throw new Error(`no updater ${name}`);
  return updater;
};

async function parse(updater: Updater, name: string, bytes: Buffer) {
  const problems: Problem[] = [];
  const document: FeedDocument = {
    name,
    revision: 'r',
    body: memoryBody(bytes, { name, keepCompressed: name.endsWith('.zip') }),
  };
  const parts = await Array.fromAsync(updater.parse(document, { problem: (problem) => problems.push(problem) }));
  return { parts, problems };
}

const recordsOf = (parts: readonly FeedPart[]): readonly FeedRecord[] => parts.flatMap(({ records }) => records);

function ofKind<Kind extends FeedRecord['kind']>(parts: readonly FeedPart[], kind: Kind) {
  return recordsOf(parts).filter((record): record is Extract<FeedRecord, { kind: Kind }> => record.kind === kind);
}

describe.skipIf(!shared)('genuine slices', () => {
  const small = () => join(shared!.un, 'feeds-small/small');
  const fixtures = () => join(shared!.un, 'feeds-fixtures/fixtures');
  const files = (folder: string, pattern: string) =>
    globSync(pattern, { cwd: folder })
      .sort()
      .map((file) => join(folder, file));

  test('NVD: every record of genuine pages and feeds of schema 2.0', async () => {
    const pages = [
      ...files(small(), 'nvd/api-2.0/*.json'),
      ...files(small(), 'nvd/vuls-data-update-fixtures/{api/cve/**/*.json,feed/cve/v2/*.gz}'),
    ];
    expect(pages.length).toBeGreaterThan(10);
    for (const page of pages) {
      const bytes = readFileSync(page);
      const { parts, problems } = await parse(updaterOf('nvd'), page, bytes);
      const raw = JSON.parse((page.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).vulnerabilities as RawNvd[];
      expect(problems, page).toEqual([]);
      expect(
        parts.map(({ part }) => part),
        page,
      ).toEqual(raw.map(({ cve }) => cve.id));
      for (const [nth, { cve }] of raw.entries()) {
        const [record] = parts[nth]!.records;
        const scores = Object.values(cve.metrics ?? {})
          .flat()
          .filter((metric) => metric.cvssData);
        expect(record).toMatchObject({ kind: 'vulnerability', id: cve.id });
        expect(record?.kind === 'vulnerability' && (record.cvss?.length ?? 0), cve.id).toBe(scores.length);
      }
    }
  });

  test('NVD: CVE-2014-6271 and its kind, in the page of the 75 CVEs', async () => {
    const { parts } = await parse(updaterOf('nvd'), 'page', readFileSync(join(small(), 'nvd/api-2.0/cves-page.json')));
    const configured = ofKind(parts, 'cpe');
    expect(configured.length).toBeGreaterThan(10);
    const operators = configured.flatMap(({ configurations }) =>
      configurations.map(({ operator, nodes }) => `${operator} ${nodes.length}`),
    );
    expect(operators).toContain('AND 2');
  });

  test("OSV: genuine archives of three ecosystems as OSV's bucket has them", async () => {
    for (const [folder, ecosystem, namespace] of [
      ['go', 'Go', 'golang'],
      ['python', 'PyPI', 'pypi'],
      ['rust', 'crates.io', 'cargo'],
    ] as const) {
      const archive = readFileSync(join(fixtures(), `vuln-list-update/osvdev/testdata/${folder}/all.zip`));
      const { parts, problems } = await parse(updaterOf('osv'), `${ecosystem}/all.zip`, archive);
      const entries = await Array.fromAsync(zipEntries(bufferSource(archive)), ({ name }) => name);
      expect(problems).toEqual([]);
      expect(parts).toHaveLength(entries.filter((name) => name.endsWith('.json')).length);
      expect(new Set(ofKind(parts, 'advisory').map((advisory) => advisory.namespace))).toEqual(new Set([namespace]));
    }
  });

  test("OSV: GitHub's advisories on log4j, lodash and requests", async () => {
    const facts = [
      ['npm', 'GHSA-jf85-cpcp-j695', 'npm', 'lodash', [{ introduced: '0', fixed: '4.17.12' }]],
      ['PyPI', 'GHSA-x84v-xcm2-53pg', 'pypi', 'requests', [{ introduced: '0', fixed: '2.20.0' }]],
      [
        'Maven',
        'GHSA-jfh8-c2jp-5v3q',
        'maven',
        'org.apache.logging.log4j:log4j-core',
        [{ introduced: '2.13.0', fixed: '2.15.0' }],
      ],
    ] as const;
    for (const [ecosystem, id, namespace, packageName, affected] of facts) {
      const [file] = files(small(), `osv/ghsa/**/${id}.json`);
      const { parts } = await parse(updaterOf('osv'), `${ecosystem}/${id}.json`, readFileSync(file!));
      const found = ofKind(parts, 'advisory').filter((advisory) => advisory.packageName === packageName);
      expect(found).toContainEqual(
        expect.objectContaining({
          namespace,
          affected: expect.arrayContaining([...affected]),
          status: 'affected',
          fixState: 'fixed',
        }),
      );
    }
  });

  test("OSV: AlmaLinux's and Rocky Linux's own records", async () => {
    const own = [
      ...files(fixtures(), 'vunnel/**/almalinux*/*.json').map((file) => ['AlmaLinux', file] as const),
      ...files(fixtures(), 'vunnel/**/rocky/test-fixtures/osv/*.json').map((file) => ['Rocky Linux', file] as const),
      ...files(small(), 'alma/osv-database/**/*.json').map((file) => ['AlmaLinux', file] as const),
    ];
    expect(own.length).toBeGreaterThan(8);
    for (const [ecosystem, file] of own) {
      const raw = JSON.parse(readFileSync(file, 'utf8')) as RawOsv;
      const { parts, problems } = await parse(updaterOf('osv'), `${ecosystem}/one.json`, readFileSync(file));
      expect(problems, file).toEqual([]);
      const advisories = ofKind(parts, 'advisory');
      const cves = new Set([...(raw.upstream ?? []), ...(raw.related ?? [])].filter((id) => id.startsWith('CVE-')));
      expect(new Set(advisories.map(({ vulnerabilityId }) => vulnerabilityId)), file).toEqual(cves);
      const isModular = JSON.stringify(raw.affected).includes('.module');
      if (isModular && /\w:\w/.test(raw.summary))
        for (const { qualifiers } of advisories) expect(qualifiers?.module, file).toBeDefined();
    }
  });

  test('EPSS and KEV, as published', async () => {
    const epss = await parse(updaterOf('epss'), 'epss', readFileSync(files(small(), 'epss/*.csv.gz')[0]!));
    expect(epss.problems).toEqual([]);
    expect(epss.parts[0]?.revision).toMatch(/^2026-01-30T/);
    expect(
      ofKind(epss.parts, 'epss').find(({ vulnerabilityId }) => vulnerabilityId === 'CVE-2021-44228')?.score,
    ).toBeGreaterThan(0.9);
    for (const file of [
      ...files(small(), 'kev/*.json'),
      ...files(fixtures(), 'vuln-list-update/kevc/testdata/happy/*.json'),
    ]) {
      const raw = JSON.parse(readFileSync(file, 'utf8')) as { vulnerabilities: unknown[] };
      const kev = await parse(updaterOf('cisa_kev'), 'kev', readFileSync(file));
      expect(kev.problems).toEqual([]);
      expect(kev.parts[0]?.records).toHaveLength(raw.vulnerabilities.length);
    }
  });
});

interface RawNvd {
  readonly cve: {
    readonly id: string;
    readonly metrics?: Readonly<Record<string, readonly { readonly cvssData?: unknown }[]>>;
  };
}

interface RawOsv {
  readonly id: string;
  readonly summary: string;
  readonly withdrawn?: string;
  readonly upstream?: readonly string[];
  readonly related?: readonly string[];
  readonly affected: readonly { readonly package: { readonly ecosystem: string; readonly name: string } }[];
}

const NOTHING: PreviousState = { revisionOf: () => undefined, documents: () => [], parts: () => [] };

describe.skipIf(!shared)('the whole mirror, with nothing lost', () => {
  let access: FeedAccess;
  beforeAll(async () => {
    const options = {
      temporaryDirectory: '/tmp',
      gitDirectory: '/tmp',
      version: '0',
      env: {},
      signal: new AbortController().signal,
    };
    access = await createFeedAccess({ ...options, mirror: shared!.mirror });
    return () => access.close();
  });

  /** Reads a source from the mirror; `see` takes each part with its document. */
  async function read(updater: Updater, see: (part: FeedPart, document: string) => void): Promise<readonly Problem[]> {
    const problems: Problem[] = [];
    const problem = (found: Problem) => problems.push(found);
    const context = {
      ...access,
      previous: NOTHING,
      problem,
      now: () => new Date('2026-02-01'),
      settings: {},
      signal: new AbortController().signal,
    };
    for await (const fetched of updater.fetch(context)) {
      if (fetched.kind !== 'document') continue;
      for await (const part of updater.parse(fetched.document, { problem })) see(part, fetched.document.name);
    }
    return problems;
  }

  test('NVD: as many parts as its files state, and the years that the mirror lacks are named', async () => {
    const countByDocument = new Map<string, number>();
    const problems = await read(updaterOf('nvd'), (_, document) =>
      countByDocument.set(document, (countByDocument.get(document) ?? 0) + 1),
    );
    const folder = join(shared!.mirror, 'nvd.nist.gov/feeds/json/cve/2.0');
    for (const file of globSync('nvdcve-2.0-{2*,modified}.json.gz', { cwd: folder })) {
      const stated = /"totalResults":(\d+)/.exec(
        gunzipSync(readFileSync(join(folder, file))).toString('latin1', 0, 200),
      )?.[1];
      expect([file, countByDocument.get(file.replace('.gz', ''))]).toEqual([file, Number(stated)]);
    }
    expect(problems.map(({ path }) => path)).toEqual(
      ['2020', '2023', '2024', '2026'].map((year) => `nvdcve-2.0-${year}.json`),
    );
  });

  test('OSV: every id of its indexes is a part; every package of a language record has its statement', async () => {
    const parts = new Set<string>();
    const statements = new Set<string>();
    const problems = await read(updaterOf('osv'), ({ part, records }) => {
      parts.add(part);
      for (const record of records) {
        if (record.kind === 'advisory')
          statements.add(`${record.namespace}|${record.packageName}|${record.advisoryId}`);
      }
    });
    const bucket = join(shared!.mirror, 'osv-vulnerabilities.storage.googleapis.com');
    const indexed = readFileSync(join(bucket, 'modified_id.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf(',') + 1));
    expect(parts).toEqual(new Set(indexed));
    for (const [ecosystem, namespace] of [
      ['npm', 'npm'],
      ['PyPI', 'pypi'],
      ['NuGet', 'nuget'],
      ['Go', 'golang'],
      ['crates.io', 'cargo'],
      ['Maven', 'maven'],
    ]) {
      for await (const entry of zipEntries(bufferSource(readFileSync(join(bucket, ecosystem!, 'all.zip'))))) {
        const raw = JSON.parse(entry.bytes().toString()) as RawOsv;
        for (const { package: named } of raw.affected) {
          const key = `${namespace}|${canonicalPackageName(namespace!, named.name)}|${raw.id}`;
          expect(statements.has(key), key).toBe(raw.withdrawn === undefined);
        }
      }
    }
    expect(
      problems
        .map(({ message }) => message)
        .every((message) => message.startsWith('no release can be told from Red Hat:')),
    ).toBe(true);
  });

  test('EPSS and KEV: every line and every entry', async () => {
    const counts: number[] = [];
    const count = ({ records }: FeedPart) => counts.push(records.length);
    expect(await read(updaterOf('epss'), count)).toEqual([]);
    expect(await read(updaterOf('cisa_kev'), count)).toEqual([]);
    expect(counts).toEqual([313_089, 1501]);
  });
});
