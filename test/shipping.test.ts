import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { GLOBAL_OPTIONS } from '../src/cli/options.ts';
import { commands } from '../src/cli/registry.ts';
import { readConfig } from '../src/platform/config.ts';
import { placesOf } from '../src/platform/places.ts';
import { RUNNER_SETTINGS, readRunnerSettings, variableOf } from '../src/runner/runner-settings.ts';
import { serverConfigOf } from '../src/server/config/server-config.ts';

/** What is shipped to start the program elsewhere is read as those who start it read it, and must say what the program knows. */

const root = resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Variables of the environment that the program reads, beside those of everybody. */
const VARIABLES = [
  ...RUNNER_SETTINGS.flatMap(({ key }) => [variableOf(key), `${variableOf(key)}_FILE`]),
  ...['PGPASSWORD', 'POD_NAME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_STATE_HOME'],
];

/** Whether the program takes these words. */
async function expectCommandLine(words: readonly string[]): Promise<void> {
  const entry = commands.find(({ name }) => name === words[0]);
  expect(entry, words[0]).toBeDefined();
  const known = { ...GLOBAL_OPTIONS, ...(await entry!.load()).options };
  for (const word of words.filter((it) => it.startsWith('--'))) expect(Object.keys(known)).toContain(word.slice(2));
}

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const instructions = lines.map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)!.slice(1) as [string, string]);
  const lastFrom = instructions.findLastIndex(([name]) => name === 'FROM');
  const final = instructions.slice(lastFrom);
  const stated = (name: string) => final.find(([it]) => it === name)?.[1];

  test('holds instructions only', () => {
    const known = [
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'ENV',
      'VOLUME',
      'USER',
      'EXPOSE',
      'STOPSIGNAL',
      'HEALTHCHECK',
      'ENTRYPOINT',
      'CMD',
    ];
    expect(instructions.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('has stages, and the last one takes only what was built', () => {
    expect(instructions.filter(([name]) => name === 'FROM').map(([, value]) => value)).toEqual([
      'node:24-bookworm-slim AS build',
      'node:24-bookworm-slim',
    ]);
    expect(final.some(([name, value]) => name === 'RUN' && /npm/.test(value))).toBe(false);
    expect(final.some(([, value]) => value.startsWith('--from=build /src/dist'))).toBe(true);
  });

  test('copies what is there, and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    for (const [name, value] of instructions) {
      if (name !== 'COPY' || value.includes('--from')) continue;
      const files = value
        .split(/\s+/)
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1);
      for (const file of files) {
        expect(existsSync(join(root, file)), file).toBe(true);
        expect(allowed).toContain(file);
      }
    }
    expect(allowed.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test('runs as nobody in particular, with volume, entry point, stop signal and health check', () => {
    const [user = ''] = stated('USER')?.split(':') ?? [];
    expect(Number(user)).toBeGreaterThan(1000);
    expect(final.findIndex(([name]) => name === 'USER')).toBeLessThan(
      final.findIndex(([name]) => name === 'ENTRYPOINT'),
    );
    expect(stated('VOLUME')).toBe('/var/lib/cvescan');
    expect(JSON.parse(stated('ENTRYPOINT')!).at(-1)).toBe('cvescan');
    expect(stated('STOPSIGNAL')).toBe('SIGINT');
    expect(stated('HEALTHCHECK')).toMatch(/CMD \["node", "\/opt\/cvescan\/health.mjs"\]$/);
    for (const [, name] of stated('ENV')!.matchAll(/(\w+)=/g)) expect(VARIABLES).toContain(name);
  });
});

interface Service {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly mem_limit?: string;
  readonly read_only?: boolean;
}

describe('compose', () => {
  const compose = parse(read('ship/compose/compose.yml'), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly secrets: object;
    readonly volumes: object;
  };
  const ours = Object.entries(compose.services).filter(([name]) => name !== 'postgres');

  test('has a server, PostgreSQL and two runners with a token each', () => {
    expect(Object.keys(compose.services)).toEqual(['postgres', 'server', 'runner-1', 'runner-2']);
    const tokens = ours.flatMap(([, { environment }]) => environment?.CVESCAN_RUNNER_TOKEN_FILE ?? []);
    expect(tokens).toEqual(['/run/secrets/runner-1-token', '/run/secrets/runner-2-token']);
  });

  for (const [name, service] of ours) {
    test(`${name} is started as the program knows it, and names what is there`, async () => {
      await expectCommandLine(service.command ?? []);
      for (const variable of Object.keys(service.environment ?? {})) expect(VARIABLES).toContain(variable);
      for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services)).toContain(other);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect(existsSync(join(root, 'ship/compose', source))).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], mem_limit: expect.any(String) });
    });
  }

  test('its configuration is one of the server', async () => {
    const config = await readConfig({}, [], join(root, 'ship/compose/config.yml'));
    expect(serverConfigOf(config, placesOf({ HOME: '/nowhere' }))).toMatchObject({
      database: { type: 'pgsql' },
      api: { address: { host: '0.0.0.0', port: 6060 }, v1Auth: 'token' },
      warnings: [],
    });
  });
});

describe('systemd', () => {
  const KEYS: Readonly<Record<string, readonly string[]>> = {
    Unit: ['Description', 'Wants', 'After'],
    Service: [
      ...[
        'Type',
        'ExecStart',
        'ExecReload',
        'User',
        'Group',
        'DynamicUser',
        'StateDirectory',
        'CacheDirectory',
        'Environment',
      ],
      ...[
        'LoadCredential',
        'Restart',
        'RestartSec',
        'KillSignal',
        'KillMode',
        'TimeoutStopSec',
        'MemoryMax',
        'LimitNOFILE',
      ],
      ...[
        'NoNewPrivileges',
        'ProtectSystem',
        'ProtectHome',
        'PrivateTmp',
        'PrivateDevices',
        'RestrictAddressFamilies',
        'CapabilityBoundingSet',
      ],
    ],
    Install: ['WantedBy'],
  };

  for (const name of ['cvescan.service', 'cvescan-runner@.service']) {
    test(`${name} holds sections and keys that systemd knows, and starts the program as it is`, async () => {
      const text = read(`ship/systemd/${name}`);
      let section = '';
      const values = new Map<string, string>();
      for (const line of text.split('\n').filter((it) => it !== '' && !it.startsWith('#'))) {
        const heading = /^\[(\w+)\]$/.exec(line)?.[1];
        if (heading !== undefined) {
          expect(Object.keys(KEYS)).toContain(heading);
          section = heading;
          continue;
        }
        const [, key = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
        expect(KEYS[section], line).toContain(key);
        values.set(key, `${values.get(key) ?? ''} ${value}`.trim());
      }
      const [path, ...words] = values.get('ExecStart')!.split(' ');
      expect(path).toBe('/usr/local/bin/cvescan');
      await expectCommandLine(words);
      for (const [, variable] of values.get('Environment')!.matchAll(/(\w+)=/g)) expect(VARIABLES).toContain(variable);
    });
  }

  test('a runner is stopped by SIGINT, with the time that a job may take', () => {
    expect(read('ship/systemd/cvescan-runner@.service')).toMatch(
      /KillSignal=SIGINT\nKillMode=mixed\nTimeoutStopSec=1h\n/,
    );
  });

  test('the configuration of the runner is one', async () => {
    const { runner } = await readConfig({}, [], join(root, 'ship/systemd/runner.yml'));
    const settings = readRunnerSettings({
      commandLine: {},
      section: runner,
      file: 'runner.yml',
      env: { CVESCAN_RUNNER_TOKEN: 'x' },
    });
    expect(settings).toMatchObject({ endpoint: 'http://127.0.0.1:6060', workerCount: 2, updatePeriodMs: 3_600_000 });
  });
});

interface Container {
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly volumeMounts: readonly { readonly name: string }[];
}

describe('Kubernetes', () => {
  for (const file of ['server.yml', 'runner.yml']) {
    const documents = parseAllDocuments(read(`ship/kubernetes/${file}`));
    const manifests = documents.map((document) => document.toJS());

    test(`${file} is manifests with names`, () => {
      expect(documents.flatMap((document) => document.errors)).toEqual([]);
      for (const { apiVersion, kind, metadata } of manifests) {
        expect([apiVersion, kind, metadata?.name]).toEqual([
          expect.stringMatching(/v1$/),
          expect.any(String),
          expect.any(String),
        ]);
      }
    });

    const workload = manifests.find(({ kind }) => kind !== 'Service');
    const { spec } = workload;
    const { containers, volumes, ...pod } = spec.template.spec;
    const [container] = containers as [Container];

    test(`${file} has probes, limits, no rights, and volumes that are there`, async () => {
      expect(containers).toHaveLength(1);
      await expectCommandLine(container.args);
      expect(container).toMatchObject({
        startupProbe: {},
        livenessProbe: {},
        readinessProbe: {},
        resources: {
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      });
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10001 },
      });
      const names = [
        ...volumes,
        ...(spec.volumeClaimTemplates ?? []).map(({ metadata }: { metadata: object }) => metadata),
      ].map(({ name }) => name);
      expect(container.volumeMounts.map(({ name }) => name).sort()).toEqual(names.sort());
      for (const { name } of container.env ?? []) expect(VARIABLES).toContain(name);
      expect(spec.selector.matchLabels).toEqual(spec.template.metadata.labels);
    });
  }
});

describe('health.mjs', () => {
  async function health(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<number | null> {
    const child = spawn(process.execPath, [join(root, 'ship/health.mjs'), ...words], { env, stdio: 'ignore' });
    await once(child, 'exit');
    return child.exitCode;
  }

  test('a runner is well while its heartbeat is fresh', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-health-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const env = { CVESCAN_RUNNER_HEARTBEAT: join(directory, 'beat') };
    expect(await health(env, 'http://127.0.0.1:1/')).toBe(1);
    writeFileSync(env.CVESCAN_RUNNER_HEARTBEAT, '');
    expect(await health(env)).toBe(0);
    const old = new Date(Date.now() - 121_000);
    utimesSync(env.CVESCAN_RUNNER_HEARTBEAT, old, old);
    expect(await health(env)).toBe(1);
  });

  test('a server is well while it answers so', async () => {
    const server = createServer(({ url }, response) => response.writeHead(url === '/livez' ? 200 : 503).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect([await health({}, `${base}/livez`), await health({}, `${base}/other`)]).toEqual([0, 1]);
  });
});
