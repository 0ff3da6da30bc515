import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/command-line.ts';
import { fakeAdvisory, fakeUpdater, updateFakes } from '../../../test/fake-feeds.ts';
import type { FeedRecord } from '../../feeds/record.ts';
import { KERNEL } from '../../kernel/fixtures/tree-of.ts';

const root = mkdtempSync(join(tmpdir(), 'cvescan-filter-'));
const path = (name: string) => join(root, name);
afterAll(() => rmSync(root, { recursive: true }));

const [BREAK, FIX] = ['a'.repeat(40), 'b'.repeat(40)] as [string, string];

/** Open, mended, never there, and not compiled in Linux 6.1.7; all are in the range that the CPE names. */
const FLAWS: readonly (readonly [id: string, broke: string, fixed: string, file: string])[] = [
  ['CVE-2024-1001', '5.4', '6.1.9', 'kernel/fork.c'],
  ['CVE-2024-1002', '5.4', '6.1.3', 'kernel/fork.c'],
  ['CVE-2024-1003', '6.5', '6.6.3', 'kernel/fork.c'],
  ['CVE-2024-1004', '5.4', '6.1.9', 'drivers/off.c'],
];

function recordsOf([id, version, fixed, file]: (typeof FLAWS)[number]): readonly FeedRecord[] {
  const groups = [{ break: { version, commit: BREAK }, fixes: [{ version: fixed, commit: FIX }] }];
  const criteria = 'cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*';
  const node = {
    operator: 'OR',
    negate: false,
    criteria: [{ criteria, vulnerable: true, versionEndExcluding: '6.6.3' }],
  } as const;
  return [
    { kind: 'vulnerability', id, summary: `a flaw of ${file}` },
    { kind: 'cpe', vulnerabilityId: id, configurations: [{ operator: 'OR', negate: false, nodes: [node] }] },
    { kind: 'kernel', vulnerabilityId: id, title: `fix ${id}`, groups, mainlineFixes: [FIX], files: [file] },
  ];
}

beforeAll(async () => {
  const parts = Object.fromEntries(FLAWS.map((flaw) => [flaw[0], { revision: '1', records: recordsOf(flaw) }]));
  await updateFakes(path('db'), [
    fakeUpdater('linux_cna', { cna: { parts } }),
    fakeUpdater('nvd', { none: { parts: {} } }),
  ]);
  const files = { ...KERNEL, 'drivers/Makefile': 'obj-$(CONFIG_OFF) += off.o\n', 'drivers/off.c': '' };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(path(`linux/${name}`)), { recursive: true });
    writeFileSync(path(`linux/${name}`), text);
  }
  writeFileSync(
    path('config'),
    '# Linux/arm 6.1.7 Kernel Configuration\nCONFIG_INIT_ENV_ARG_LIMIT=32\n# CONFIG_OFF is not set\n# end of Kernel hacking\n',
  );
  const cpe = 'cpe:2.3:o:linux:linux_kernel:6.1.7:*:*:*:*:*:*:*';
  const components = [
    { type: 'operating-system', name: 'linux', version: '6.1.7', cpe },
    { type: 'library', name: 'zlib', version: '1.3', cpe: 'cpe:2.3:a:zlib:zlib:1.3:*:*:*:*:*:*:*' },
  ];
  writeFileSync(
    path('bom.json'),
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }),
  );
});

interface Written {
  readonly metadata: { readonly scan: { readonly kernels?: object[]; readonly problems: { readonly code: string }[] } };
  readonly vulnerabilities: {
    readonly id: string;
    readonly vulnerable: boolean;
    readonly automatic_assessments: {
      readonly status: string;
      readonly source: string;
      readonly evidence: Record<string, string[]>;
    }[];
    readonly finding: { readonly status: string };
  }[];
}

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommandLine([...args, '--db', path('db')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const said = ({ vulnerabilities }: Written) =>
  vulnerabilities.map(
    ({ id, finding, automatic_assessments: all }) =>
      `${id} ${finding.status}: ${all.map(({ status }) => status).join(', ')}`,
  );

const BY_VERSION = [
  'CVE-2024-1001 affected: patch available',
  'CVE-2024-1002 fixed: patch applied',
  'CVE-2024-1003 not_affected: code removed',
  'CVE-2024-1004 affected: patch available',
];
const BY_CONFIGURATION = [...BY_VERSION.slice(0, 3), 'CVE-2024-1004 not_affected: safe config'];

test('an inventory with a kernel is judged by its version; filter-report adds the configuration', async () => {
  const scanned = await run('scan-inventory', '--inventory', path('bom.json'));
  expect(said(JSON.parse(scanned))).toEqual(BY_VERSION);
  writeFileSync(path('report.json'), scanned);
  const filtered = await run(
    'filter-report',
    path('report.json'),
    '--kernel-dir',
    path('linux'),
    '--kernel-config',
    path('config'),
  );
  const report = JSON.parse(filtered) as Written;
  expect(said(report)).toEqual(BY_CONFIGURATION);
  expect(report.metadata.scan.kernels).toMatchObject([
    {
      release: '6.1.7',
      arch: 'arm',
      funnel: { all: 4, productMatch: 2, branchAware: 2, afterCommits: 2, afterConfig: 1 },
    },
  ]);
  const [first] = report.vulnerabilities[3]!.automatic_assessments;
  expect(first).toMatchObject({ source: 'kernel config', evidence: { symbols: ['CONFIG_OFF is not set'] } });
});

test('run again it changes nothing; without the configuration its verdict goes again', async () => {
  writeFileSync(path('report.json'), await run('scan-inventory', '--inventory', path('bom.json')));
  const args = ['--kernel-dir', path('linux'), '--kernel-config', path('config')];
  writeFileSync(path('once.json'), await run('filter-report', path('report.json'), ...args));
  expect(await run('filter-report', path('once.json'), ...args)).toBe(readFileSync(path('once.json'), 'utf8'));
  expect(said(JSON.parse(await run('filter-report', path('once.json'))))).toEqual(BY_VERSION);
});

test('scan does the same at once, and its table shows the funnel', async () => {
  const args = ['--kernel-dir', path('linux'), '--kernel-config', path('config')];
  const { stdout } = await runCommandLine(['scan', `sbom:${path('bom.json')}`, ...args, '--db', path('db')]);
  expect(stdout).toContain('Linux 6.1.7: 4 → 2 → 2 → 2 → 1');
  const json = await run('scan', `sbom:${path('bom.json')}`, ...args, '-o', 'json');
  const { findings } = JSON.parse(json) as { findings: { vulnerability: { id: string }; status: string }[] };
  expect(findings.map(({ vulnerability, status }) => `${vulnerability.id} ${status}`)).toEqual(
    BY_CONFIGURATION.map((line) => line.split(':')[0]),
  );
});

describe('VEX', () => {
  async function exported(format: string) {
    const args = ['--kernel-dir', path('linux'), '--kernel-config', path('config')];
    writeFileSync(path('report.json'), await run('scan-inventory', '--inventory', path('bom.json'), ...args));
    return run('export-report', path('report.json'), '--format', format);
  }

  test('CycloneDX says how each was judged', async () => {
    const { vulnerabilities } = JSON.parse(await exported('cyclonedx-vex')) as {
      vulnerabilities: { id: string; analysis: { state: string; justification?: string; detail: string } }[];
    };
    expect(vulnerabilities.map(({ id, analysis: { state, justification } }) => [id, state, justification])).toEqual([
      ['CVE-2024-1001', 'exploitable', undefined],
      ['CVE-2024-1002', 'resolved_with_pedigree', undefined],
      ['CVE-2024-1003', 'not_affected', 'code_not_present'],
      ['CVE-2024-1004', 'not_affected', 'requires_configuration'],
    ]);
    expect(vulnerabilities[1]!.analysis.detail).toContain(FIX);
  });

  test('OpenVEX and CSAF have one word for both', async () => {
    const { statements } = JSON.parse(await exported('openvex')) as {
      statements: { vulnerability: { name: string }; status: string; justification?: string }[];
    };
    expect(
      statements.map(({ vulnerability, status, justification }) => [vulnerability.name, status, justification]).sort(),
    ).toEqual([
      ['CVE-2024-1001', 'affected', undefined],
      ['CVE-2024-1002', 'fixed', undefined],
      ['CVE-2024-1003', 'not_affected', 'vulnerable_code_not_present'],
      ['CVE-2024-1004', 'not_affected', 'vulnerable_code_not_present'],
    ]);
    expect(await exported('csaf-vex')).toContain('vulnerable_code_not_present');
  });
});

test('what is given of another branch is not taken for this kernel', async () => {
  writeFileSync(path('report.json'), await run('scan-inventory', '--inventory', path('bom.json')));
  mkdirSync(path('other'), { recursive: true });
  for (const [name, text] of Object.entries({
    ...KERNEL,
    Makefile: KERNEL.Makefile!.replace('PATCHLEVEL = 1', 'PATCHLEVEL = 6'),
  })) {
    mkdirSync(dirname(path(`other/${name}`)), { recursive: true });
    writeFileSync(path(`other/${name}`), text);
  }
  const report = JSON.parse(await run('filter-report', path('report.json'), '--kernel-dir', path('other'))) as Written;
  expect(said(report)).toEqual(BY_VERSION);
  expect(report.metadata.scan.problems).toContainEqual(expect.objectContaining({ code: 'kernel.other-branch' }));
});

test("a distribution's kernel is judged by the distribution; only what is given of it clears more", async () => {
  const db = path('debian-db');
  const cna = Object.fromEntries(FLAWS.map((flaw) => [flaw[0], { revision: '1', records: recordsOf(flaw) }]));
  const tracker = Object.fromEntries(
    FLAWS.map(([id]) => [
      id,
      { revision: '1', records: [{ ...fakeAdvisory(id, 'linux', '6.1.8-1'), packageKind: 'source' as const }] },
    ]),
  );
  await updateFakes(db, [
    fakeUpdater('linux_cna', { cna: { parts: cna } }),
    fakeUpdater('debian', { tracker: { parts: tracker } }),
  ]);
  const purl = 'pkg:deb/debian/linux-image-6.1.0-9-armmp@6.1.7-1?arch=armhf&distro=debian-12&upstream=linux';
  const components = [{ type: 'library', name: 'linux-image-6.1.0-9-armmp', version: '6.1.7-1', purl }];
  writeFileSync(
    path('deb.json'),
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }),
  );
  const scanned = async (...args: string[]) => {
    const { stdout } = await runCommandLine(['scan-inventory', '--inventory', path('deb.json'), '--db', db, ...args]);
    return said(JSON.parse(stdout));
  };
  expect(await scanned()).toEqual(FLAWS.map(([id]) => `${id} affected: `));
  const given = await scanned('--kernel-dir', path('linux'), '--kernel-config', path('config'));
  expect(given.filter((line) => line.includes('safe config'))).toEqual(['CVE-2024-1004 not_affected: safe config']);
  expect(given.filter((line) => line.includes(' affected:'))).toHaveLength(3);
});

test('of a report of CVEScan, which names the product and no more, the kernel is judged too', async () => {
  const packages = [{ id: 'linux-imx', bpn: 'linux-imx', cve_version: '6.1.7', cve_product: ['linux:linux_kernel'] }];
  const vulnerabilities = FLAWS.map(([id]) => ({ id, package: 'linux-imx', vulnerable: true }));
  writeFileSync(path('foreign.json'), JSON.stringify({ packages, runtimes: [], vulnerabilities }));
  const once = await run('filter-report', path('foreign.json'));
  expect(said(JSON.parse(once))).toEqual(BY_VERSION);
  writeFileSync(path('once.json'), once);
  expect(said(JSON.parse(await run('filter-report', path('once.json'))))).toEqual(BY_VERSION);
});

test('a report without a kernel says so', async () => {
  const components = [{ type: 'library', name: 'zlib', version: '1.3' }];
  writeFileSync(
    path('zlib.json'),
    JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }),
  );
  const { stdout } = await runCommandLine(['scan-inventory', '--inventory', path('zlib.json'), '--db', path('db')]);
  writeFileSync(path('report.json'), stdout);
  const filtered = await runCommandLine(['filter-report', path('report.json'), '--db', path('db')]);
  expect(filtered).toMatchObject({ code: 0, stderr: 'cvescan: the report lists no kernel: nothing was filtered\n' });
  const { metadata } = JSON.parse(filtered.stdout) as Written;
  expect(metadata.scan.problems).toContainEqual(expect.objectContaining({ code: 'kernel.none' }));
});
