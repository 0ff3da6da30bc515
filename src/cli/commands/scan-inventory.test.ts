import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { makeSampleDatabase } from '../../../test/sample-database.ts';
import type { FeedRecord } from '../../feeds/record.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-inventory-'));
const database = join(directory, 'db');
const env = { ...process.env, XDG_CACHE_HOME: join(directory, 'cache'), XDG_CONFIG_HOME: join(directory, 'none') };

const written = (name: string, content: unknown): string => {
  const file = join(directory, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

const flagged = (vulnerabilityId: string, product: string, fixed: string): FeedRecord => {
  const criteria = `cpe:2.3:a:${product}:*:*:*:*:*:*:*:*`;
  const node = {
    operator: 'OR',
    negate: false,
    criteria: [{ criteria, vulnerable: true, versionEndExcluding: fixed }],
  } as const;
  return { kind: 'cpe', vulnerabilityId, configurations: [{ operator: 'OR', negate: false, nodes: [node] }] };
};

/** Real vulnerabilities; versions as NVD flags them. */
const inventory = written('inventory.json', {
  version: '1.0.0',
  packages: {
    'curl-1': {
      ...{ cve_product: ['haxx:curl'], cve_version: '8.3.0', bpn: 'curl', pv: '8.3.0' },
      ...{ patched_cves: ['CVE-2023-38545'], cve_whitelist: [], runtime: ['curl', 'libcurl4'], src_uri: [] },
    },
    'busybox-1': {
      ...{ cve_product: ['busybox:busybox'], cve_version: '1.33.0', bpn: 'busybox', pv: '1.33.0' },
      ...{ patched_cves: [], cve_whitelist: ['CVE-2021-28831'], runtime: ['busybox'], src_uri: [] },
    },
    'zlib-1': { cve_product: ['zlib'], cve_version: '1.2.11', bpn: 'zlib', pv: '1.2.11', runtime: ['zlib'] },
    'expat-1': { cve_product: ['libexpat_project:libexpat'], cve_version: '2.6.4', bpn: 'expat', pv: '2.6.4' },
  },
});

beforeAll(async () => {
  const records = [
    flagged('CVE-2023-38545', 'haxx:curl', '8.4.0'),
    flagged('CVE-2021-28831', 'busybox:busybox', '1.33.1'),
    flagged('CVE-2018-25032', 'zlib:zlib', '1.2.12'),
    flagged('CVE-2022-40674', 'libexpat_project:libexpat', '2.4.9'),
  ];
  const text = {
    kind: 'vulnerability',
    id: 'CVE-2018-25032',
    description: 'Memory corruption when deflating',
  } as const;
  await makeSampleDatabase(
    database,
    { nvd: { namespaces: [], records: [...records, text] } },
    new Date('2026-08-01T00:00:00Z'),
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...argv: readonly string[]) => runCommandLine([...argv, '--db', database], { env });

interface Entry {
  readonly id: string;
  readonly vulnerable: boolean;
  readonly automatic_vulnerable: boolean;
  readonly automatic_assessments: readonly { readonly status: string; readonly evidence: object }[];
}
const reportOf = (text: string): { readonly vulnerabilities: readonly Entry[] } & Record<string, unknown> =>
  JSON.parse(text);
const scanned = async (...argv: readonly string[]) =>
  reportOf((await run('scan-inventory', '--inventory', inventory, ...argv)).stdout);

test('the report has each verdict of the products, also versions that are not flagged', async () => {
  const { vulnerabilities, ...report } = await scanned('--scope.project', 'Gateway');
  const verdicts = vulnerabilities.map(({ id, vulnerable, automatic_vulnerable, automatic_assessments }) => [
    ...[id, vulnerable, automatic_vulnerable],
    automatic_assessments.map(({ status }) => status).join(', '),
  ]);
  expect(verdicts.sort()).toEqual([
    ['CVE-2018-25032', true, true, ''],
    ['CVE-2021-28831', false, false, 'package whitelisted'],
    ['CVE-2022-40674', false, false, 'version mismatch'],
    ['CVE-2023-38545', false, false, 'package patched'],
  ]);
  expect(report).toMatchObject({
    ...{ version: '1.0.0', scope: { project: 'Gateway' } },
    metadata: { generated_at: '2026-08-01T00:00:00.000Z', package_count: 4 },
    runtimes: [{ command: 'scan-inventory', options: { inventory, 'scope.project': 'Gateway' } }],
  });
});

test('the same inventory and database give the same bytes', async () => {
  expect(JSON.stringify(await scanned())).toBe(JSON.stringify(await scanned()));
});

describe('export-report', () => {
  const annotations = written('annotations.json', {
    version: '2.0.0',
    annotations: [
      {
        ...{
          vulnerability_name: 'CVE-2018-25032',
          scope: '/Gateway',
          last_status: 'not exploitable',
          last_vulnerable: false,
        },
        logs: [
          {
            ...{ timestamp: '2026-07-01T00:00:00Z', vulnerable_change: true, comment: 'deflate is never called' },
            status_change: { from: 'todo', to: 'not exploitable' },
          },
        ],
      },
    ],
  });
  const exported = async (...argv: readonly string[]) => {
    const report = join(directory, 'report.json');
    await run('scan-inventory', '--inventory', inventory, '--scope.project', 'Gateway', '-o', report);
    return run('export-report', report, ...argv);
  };
  const entryOf = (text: string) => reportOf(text).vulnerabilities.find(({ id }) => id === 'CVE-2018-25032');

  test('json has the manual value beside the automatic one', async () => {
    const { stdout } = await exported('--annotations', annotations);
    expect(entryOf(stdout)).toMatchObject({
      ...{ vulnerable: false, automatic_vulnerable: true },
      annotation: { last_status: 'not exploitable', last_vulnerable: false, scope: '/Gateway' },
    });
    expect(reportOf(stdout)).toMatchObject({ runtimes: [{ command: 'scan-inventory' }, { command: 'export-report' }] });
  });

  test('an annotation of another scope does not hold', async () => {
    const { stdout } = await exported('--annotations', annotations, '--scope.project', 'Camera');
    expect(entryOf(stdout)).toMatchObject({ vulnerable: true });
  });

  test('cyclonedx-vex leaves mismatches out, and follows the annotation', async () => {
    const { stdout } = await exported('--annotations', annotations, '--format', 'cyclonedx-vex');
    const { vulnerabilities } = JSON.parse(stdout) as { vulnerabilities: { id: string; analysis: object }[] };
    expect(vulnerabilities.map(({ id, analysis }) => [id, analysis])).toEqual([
      [
        'CVE-2018-25032',
        { state: 'not_affected', justification: 'code_not_reachable', detail: 'deflate is never called' },
      ],
      ['CVE-2021-28831', expect.objectContaining({ state: 'not_affected' })],
      ['CVE-2023-38545', expect.objectContaining({ state: 'resolved_with_pedigree' })],
    ]);
  });

  for (const [format, beginning] of [
    ['csv', 'vulnerability,'],
    ['html', '<!doctype html>'],
    ['openvex', '{\n"@context"'],
  ] as const) {
    test(format, async () => expect((await exported('--format', format)).stdout.slice(0, 40)).toContain(beginning));
  }

  test('an unknown format', async () =>
    expect(await exported('--format', 'cvs')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean csv?'),
    }));
});

describe('filter-report', () => {
  test('changes nothing where there is no kernel, and is idempotent', async () => {
    const report = join(directory, 'to-filter.json');
    const filtered = join(directory, 'filtered.json');
    await run('scan-inventory', '--inventory', inventory, '-o', report);
    const answer = await run('filter-report', report, '-o', filtered);
    expect(answer).toEqual({
      code: 0,
      stdout: '',
      stderr: 'cvescan: the report lists no kernel: nothing was filtered\n',
    });
    const text = readFileSync(filtered, 'utf8');
    expect(reportOf(text).vulnerabilities).toEqual(reportOf(readFileSync(report, 'utf8')).vulnerabilities);
    expect((await run('filter-report', filtered)).stdout).toBe(text);
  });
});

describe('directories that stand for a source', () => {
  const uct = join(directory, 'ubuntu-cve-tracker');
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', uct, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...words]);

  beforeAll(() => {
    for (const folder of ['active', 'retired', 'ignored']) mkdirSync(join(uct, folder), { recursive: true });
    const text =
      'Candidate: CVE-2018-25032\nPublicDate: 2022-03-25\nDescription:\n zlib before 1.2.12\nPriority: medium\n';
    writeFileSync(join(uct, 'active', 'CVE-2018-25032'), text);
    git('init', '-q', '-b', 'master');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
  });

  test('are read for this run, and the own database stays', async () => {
    const report = await scanned('--uct-dir', uct);
    const { sources } = (report.metadata as { scan: { snapshot: { sources: { name: string }[] } } }).scan.snapshot;
    expect(sources.map(({ name }) => name)).toEqual(['nvd', 'uct']);
    const own = (await scanned()).metadata as { scan: { snapshot: { sources: { name: string }[] } } };
    expect(own.scan.snapshot.sources.map(({ name }) => name)).toEqual(['nvd']);
    expect(JSON.stringify((await scanned('--uct-dir', uct)).metadata)).toBe(JSON.stringify(report.metadata));
  }, 30_000);

  test('a directory that is none', async () =>
    expect(await run('scan-inventory', '--inventory', inventory, '--uct-dir', '/none')).toMatchObject({
      ...{ code: 2, stderr: 'cvescan: --uct-dir /none: there is no such directory\n' },
    }));
  test('a directory that holds something else', async () => {
    const answer = await run('scan-inventory', '--inventory', inventory, '--uct-dir', database);
    expect(answer).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`${database} as uct:`) });
  });
});

describe('what is refused', () => {
  for (const [argv, code, message] of [
    [[], 2, 'give one inventory'],
    [['--inventory', inventory, inventory], 2, 'give one inventory'],
    [['--inventory', '/none.json'], 3, '/none.json'],
    [['--inventory', inventory, '--inventory-format', 'cvescn'], 2, 'did you mean cvescan?'],
  ] as const) {
    test(`${code}: ${message}`, async () =>
      expect(await run('scan-inventory', ...argv)).toMatchObject({ code, stderr: expect.stringContaining(message) }));
  }
});
