import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/command-line.ts';
import { makeSampleDatabase } from '../../test/sample-database.ts';

const directory = mkdtempSync(join(tmpdir(), 'cvescan-opinions-'));
const database = join(directory, 'db');
const root = join(directory, 'root');
const CVE = 'CVE-2024-5535';

const written = (name: string, content: unknown): string => {
  const file = join(directory, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

beforeAll(async () => {
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\n');
  writeFileSync(
    join(root, 'var/lib/dpkg/status'),
    'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.11-1~deb12u2\nSource: openssl\n',
  );
  const about = { kind: 'advisory', namespace: 'debian:12', packageName: 'openssl', packageKind: 'source' } as const;
  const decided = {
    status: 'affected',
    fixState: 'fixed',
    affected: [{ introduced: '0', fixed: '3.0.14-1~deb12u1' }],
  } as const;
  await makeSampleDatabase(
    database,
    {
      debian: {
        namespaces: ['debian:12'],
        records: [{ ...about, ...decided, vulnerabilityId: CVE, advisoryId: CVE, severity: 'high' }],
      },
    },
    new Date('2026-08-01T00:00:00Z'),
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

async function scan(...argv: readonly string[]) {
  const env = { XDG_CACHE_HOME: join(directory, 'cache') };
  const file = join(directory, 'report.json');
  const outputs = ['-o', `json=${file}`, '-o', 'table', '--fail-on', 'high'];
  const { code, stderr } = await runCommandLine(['scan', '--db', database, ...outputs, ...argv, root], { env });
  return { code, stderr, file, report: JSON.parse(readFileSync(file, 'utf8')) };
}

const openVex = (name: string, author: string, statement: object) =>
  written(name, {
    ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.org/1', version: 1 },
    ...{ author, timestamp: '2026-07-01T00:00:00Z' },
    statements: [{ vulnerability: { name: CVE }, products: [{ '@id': 'pkg:deb/debian/libssl3' }], ...statement }],
  });

const log = {
  ...{ timestamp: '2026-07-01T00:00:00Z', vulnerable_change: true, comment: 'backported' },
  status_change: { from: 'todo', to: 'patched' },
};

test('without opinions the gate closes', async () => expect((await scan()).code).toBe(10));

describe('VEX', () => {
  test('a statement clears the finding, which stays listed', async () => {
    const vex = openVex('a.json', 'ACME', { status: 'not_affected', justification: 'vulnerable_code_not_present' });
    const { code, report, file } = await scan('--vex', vex);
    expect(code).toBe(0);
    expect(report.findings).toMatchObject([{ status: 'not_affected', vex: [{ author: 'ACME', document: vex }] }]);
    const explained = await runCommandLine(['explain', CVE, file]);
    expect(explained).toMatchObject({ code: 0, stdout: expect.stringContaining('the same verdict') });
  });

  test('authors who contradict each other clear nothing', async () => {
    const one = openVex('a.json', 'ACME', { status: 'fixed' });
    const other = openVex('b.json', 'Zeta', { status: 'affected' });
    const { code, report } = await scan('--vex', one, '--vex', other);
    expect(code).toBe(10);
    expect(report.findings[0]).toMatchObject({
      ...{ status: 'affected', contradiction: 'Zeta says that it is affected, ACME that it is not' },
      vex: [{ author: 'ACME' }, { author: 'Zeta' }],
    });
  });

  test('what cannot be honoured is a problem of the report', async () => {
    const { report } = await scan('--vex', openVex('c.json', 'ACME', { status: 'not_affected' }));
    expect(report.problems).toMatchObject([{ code: 'source.missing' }, { code: 'vex.not-honoured' }]);
  });
});

describe('VEX that cvescan wrote is read again', () => {
  const person = written('person.json', {
    version: '2.0.0',
    annotations: [{ vulnerability_name: CVE, last_status: 'patched', last_vulnerable: false, logs: [log] }],
  });
  for (const format of ['openvex', 'csaf-vex', 'cyclonedx-vex']) {
    test(format, async () => {
      const vex = join(directory, `${format}.json`);
      await scan('--annotations', person, '-o', `${format}=${vex}`);
      const { code, report } = await scan('--vex', vex);
      expect(code).toBe(0);
      expect(report.findings).toMatchObject([{ status: 'fixed', vex: [{ author: 'cvescan', status: 'fixed' }] }]);
    });
  }
});

describe('annotations', () => {
  const annotations = written('annotations.json', {
    version: '2.0.0',
    annotations: [
      {
        vulnerability_name: CVE,
        scope: '/Gateway/Router',
        last_status: 'false positive',
        last_vulnerable: false,
        logs: [],
      },
    ],
  });

  test('hold in their scope', async () => {
    const { code, report } = await scan(
      ...['--annotations', annotations, '--scope.project', 'Gateway', '--scope.component', 'Router'],
    );
    expect(code).toBe(0);
    expect(report).toMatchObject({
      scope: { project: 'Gateway', component: 'Router' },
      findings: [{ status: 'not_affected', automaticStatus: 'affected', annotation: { status: 'false positive' } }],
    });
  });

  test('the scope may stand in the configuration, and an option wins over it', async () => {
    const config = written('config.yml', 'scope:\n  project: Gateway\n  component: Router\n');
    expect((await scan('--config', config, '--annotations', annotations)).code).toBe(0);
    expect((await scan('--config', config, '--annotations', annotations, '--scope.component', 'Modem')).code).toBe(10);
  });
});

describe('ignore rules', () => {
  const rule = `- vulnerability: ${CVE}\n  reason: No network\n  expires: 2026-12-31\n`;

  test('what is ignored stays affected, and counts for no gate', async () => {
    const { code, report } = await scan('--ignore-file', written('ignore.yml', rule));
    expect(code).toBe(0);
    expect(report.findings).toMatchObject([
      { status: 'affected', ignored: { reason: 'No network', expires: '2026-12-31' } },
    ]);
  });

  test('may stand in the configuration', async () => {
    const config = written('config.yml', `ignore:\n${rule}`);
    expect((await scan('--config', config)).code).toBe(0);
  });

  test('unused and expired ones are listed', async () => {
    const file = written(
      'ignore.yml',
      `- {vulnerability: CVE-1999-0001, reason: x}\n${rule.replace('2026-12', '2025-12')}`,
    );
    const { code, report } = await scan('--ignore-file', file);
    expect(code).toBe(10);
    expect(report.problems.map((problem: { code: string }) => problem.code)).toEqual([
      'source.missing',
      'ignore.unused',
      'ignore.expired',
    ]);
  });
});

describe('what is refused', () => {
  for (const [argv, code, message] of [
    [['--vex', '/none.json'], 3, '/none.json does not exist'],
    [['--vex', written('bad.json', '{}')], 3, 'bad.json: it is no VEX document'],
    [['--annotations', written('bad.json', '{}')], 3, 'bad.json: version'],
    [['--ignore-file', written('bad.yml', '- {vulnerability: CVE-1}')], 3, 'bad.yml[0]: it needs a reason'],
    [['--ignore-file', written('worse.yml', 'a: b: c')], 3, 'worse.yml: Nested mappings'],
    [['--scope.component', 'Router'], 2, '--scope.component needs a --scope.project'],
  ] as const) {
    test(`${code}: ${message}`, async () => {
      const answer = await runCommandLine(['scan', '--db', database, ...argv, root]);
      expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    });
  }
});
