import { describe, expect, test } from 'vitest';
import { type ScriptedAnswer, type SeenRequest, startClairServer } from '../../../test/clair-server.ts';
import { runCommandLine } from '../../../test/command-line.ts';

/** Runs a command against a server that answers so. */
async function run(argv: readonly string[], answer: (request: SeenRequest) => ScriptedAnswer, env = {}) {
  await using server = await startClairServer(answer);
  const result = await runCommandLine([...argv, '--endpoint', server.endpoint], { env });
  return { ...result, seen: server.seen };
}

const vulnerability = {
  Name: 'CVE-2022-0778',
  NamespaceName: 'debian:11',
  Severity: 'High',
  FixedBy: '1.1.1n-0+deb11u1',
};
const openssl = { Name: 'openssl', Version: '1.1.1k-1', AddedBy: 'base', Vulnerabilities: [vulnerability] };

describe('cvescan layers', () => {
  test('push sends the layer, its parent and headers, and the token', async () => {
    const { code, stdout, seen } = await run(
      ['layers', 'push', 'app', 'http://192.0.2.7/a', '--parent', 'base', '--header', 'Authorization: Bearer x'],
      () => ({ status: 201, body: { Layer: { Name: 'app', IndexedByVersion: 3 } } }),
      { CVESCAN_TOKEN: 'cvs_1' },
    );
    expect([code, stdout]).toEqual([0, 'app: analysed\n']);
    const Headers = { Authorization: 'Bearer x' };
    const Layer = { Name: 'app', Path: 'http://192.0.2.7/a', Format: 'docker', ParentName: 'base', Headers };
    expect(seen).toEqual([{ method: 'POST', url: '/v1/layers', token: 'Bearer cvs_1', body: { Layer } }]);
  });

  test('get prints packages with vulnerabilities', async () => {
    const { stdout, seen } = await run(['layers', 'get', 'a/b', '--all-layers'], () => ({
      body: { Layer: { Name: 'a/b', NamespaceName: 'debian:11', Features: [openssl] } },
    }));
    expect(seen[0]?.url).toBe('/v1/layers/a%2Fb?vulnerabilities&allLayers');
    expect(stdout).toBe('a/b: debian:11, 1 packages\nHigh  CVE-2022-0778  openssl  1.1.1k-1  1.1.1n-0+deb11u1  base\n');
  });

  test('delete of an unknown layer says what the server said, and is bad input', async () => {
    const { code, stderr } = await run(['layers', 'delete', 'x'], () => ({
      status: 404,
      body: { Error: { Message: 'the resource cannot be found' } },
    }));
    expect(code).toBe(3);
    expect(stderr).toMatch(/answers 404 to DELETE \/v1\/layers\/x: the resource cannot be found\n$/);
  });
});

describe('cvescan vulnerabilities', () => {
  test('list follows the pages', async () => {
    const { stdout, seen } = await run(['vulnerabilities', 'list', 'debian:11'], ({ url }) => ({
      body: url.includes('page=')
        ? { Vulnerabilities: null }
        : { Vulnerabilities: [{ ...vulnerability, Link: 'https://a.example' }], NextPage: 'gA==' },
    }));
    expect(stdout).toBe('High  CVE-2022-0778  https://a.example\n');
    expect(seen.map(({ url }) => url)).toEqual([
      '/v1/namespaces/debian%3A11/vulnerabilities?limit=1000',
      '/v1/namespaces/debian%3A11/vulnerabilities?limit=1000&page=gA%3D%3D',
    ]);
  });

  test('add sends the fixes in its namespace', async () => {
    const argv = ['vulnerabilities', 'add', '--severity', 'High', '--fixed-in', 'a=1', '--fixed-in', 'b=None'];
    const { code, seen } = await run([...argv, 'debian:11', 'CVE-2099-0001'], () => ({ status: 201, body: {} }));
    expect(code).toBe(0);
    expect(seen[0]?.body).toEqual({
      Vulnerability: {
        Name: 'CVE-2099-0001',
        NamespaceName: 'debian:11',
        Severity: 'High',
        FixedIn: [
          { Name: 'a', Version: '1', NamespaceName: 'debian:11' },
          { Name: 'b', Version: 'None', NamespaceName: 'debian:11' },
        ],
      },
    });
  });

  for (const [word, method, url] of [
    ['delete', 'DELETE', '/v1/namespaces/debian%3A11/vulnerabilities/CVE-1'],
    ['reset', 'DELETE', '/api/v1/vulnerabilities/debian%3A11/CVE-1'],
    ['get', 'GET', '/v1/namespaces/debian%3A11/vulnerabilities/CVE-1?fixedIn'],
  ] as const) {
    test(`${word} asks ${method} ${url}`, async () => {
      const { code, seen } = await run(['vulnerabilities', word, 'debian:11', 'CVE-1'], () =>
        word === 'get' ? { body: { Vulnerability: vulnerability } } : {},
      );
      expect([code, seen[0]?.method, seen[0]?.url]).toEqual([0, method, url]);
    });
  }
});

describe('cvescan notifications', () => {
  const revision = (...layers: string[]) => ({ Vulnerability: vulnerability, LayersIntroducingVulnerability: layers });

  test('get puts the layers of all pages together', async () => {
    const { stdout } = await run(['notifications', 'get', 'n1'], ({ url }) => ({
      body: {
        Notification: url.includes('page=')
          ? { Name: 'n1', Created: '0', New: revision('top') }
          : { Name: 'n1', Created: '0', NextPage: 'p2', New: revision('base') },
      },
    }));
    expect(stdout).toBe(
      [
        'n1: created 1970-01-01T00:00:00.000Z',
        'before: not listed',
        'now: CVE-2022-0778 (High) in debian:11, brought by 2 layers',
        '  layer base',
        '  layer top',
        '',
      ].join('\n'),
    );
  });

  test('ack says of each that it was read', async () => {
    const { code, seen } = await run(['notifications', 'ack', 'n1', 'n2'], () => ({}));
    expect(code).toBe(0);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE /v1/notifications/n1',
      'DELETE /v1/notifications/n2',
    ]);
  });
});

describe('errors of the endpoint', () => {
  test('an address that is none', async () => {
    const { code, stderr } = await runCommandLine(['layers', 'delete', 'x', '--endpoint', 'clair:6060']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('clair:6060 is no address of a server')]);
  });

  test('nobody listens', async () => {
    const { code, stderr } = await runCommandLine(['layers', 'delete', 'x', '--endpoint', 'http://127.0.0.1:1']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('http://127.0.0.1:1 does not answer')]);
  });

  test('something else answers', async () => {
    const { code, stderr } = await run(['layers', 'get', 'x'], () => ({ body: '<html>' }));
    expect([code, stderr]).toEqual([1, expect.stringContaining('no JSON')]);
  });

  test('a busy server is asked again', async () => {
    let count = 0;
    const { code, seen } = await run(['layers', 'delete', 'x'], () =>
      ++count < 3 ? { status: 503, headers: { 'retry-after': '0' } } : {},
    );
    expect([code, seen.length]).toEqual([0, 3]);
  });
});
