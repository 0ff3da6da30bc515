import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createJobQueue } from '../../../jobs/job-queue.ts';
import { ScannerError } from '../../../model/errors.ts';
import { describeState } from '../../../state/state.contract.ts';
import type { VulnerabilityName } from '../../dependencies.ts';
import { StoredNotifications } from '../../usecases/notifications.ts';
import { createScans } from '../../usecases/scans.ts';
import { createTokens, type Permission } from '../../usecases/tokens.ts';
import { createApiV1 } from './api-v1.ts';

const sbom = Buffer.from('{"bomFormat":"CycloneDX","specVersion":"1.6"}');
const sha256 = createHash('sha256').update(sbom).digest('hex');
const submission = {
  name: 'gateway',
  target: { kind: 'sbom', encoding: 'gzip+base64', content: gzipSync(sbom).toString('base64'), sha256 },
};

describeState('/api/v1', ({ open }) => {
  async function start() {
    const state = await open();
    const queue = createJobQueue({ state });
    const tokens = createTokens(state);
    const scans = createScans({ state, queue });
    const renderReport = async (_: unknown, format: string) => ({
      mediaType: 'text/plain',
      body: new Response(format).body!,
    });
    const snapshots = { find: async () => undefined };
    const vulnerabilities = {
      reset: async ({ namespace, name }: VulnerabilityName) => {
        if (`${namespace} ${name}` !== 'debian:12 CVE-2026-0001')
          throw new ScannerError('resource.not-found', 'nobody said anything of it');
      },
    };
    const api = createApiV1({
      state,
      queue,
      tokens,
      scans,
      notifications: new StoredNotifications(state),
      renderReport,
      snapshots,
      vulnerabilities,
    });
    const secretOf = async (permission: Permission, name: string = permission): Promise<string> =>
      (await tokens.add({ name, permission }, 'test')).secret;
    const [runner, user, admin] = [await secretOf('runner'), await secretOf('create-scan'), await secretOf('admin')];
    const call = async (secret: string, method: string, path: string, body?: unknown, headers = {}) => {
      const response = await api.request(path, {
        method,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      const text = await response.text();
      // Bodies are of many forms.
      // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
      const answer: any = text.startsWith('{') ? JSON.parse(text) : text;
      return { status: response.status, headers: response.headers, body: answer };
    };
    const lease = (requestId: string) =>
      call(runner, 'POST', '/jobs/lease', { request_id: requestId, types: ['scan', 'update'] });
    return { api, state, queue, tokens, call, lease, secretOf, runner, user, admin };
  }

  test('a scan goes from its submission to its report', async () => {
    const { call, lease, runner, user } = await start();
    const accepted = await call(user, 'POST', '/scans', submission);
    expect(accepted).toMatchObject({ status: 202, body: { state: 'pending' } });
    const { id } = accepted.body;
    const leased = await lease('q1');
    expect(leased).toMatchObject({
      status: 200,
      body: {
        job: { id, type: 'scan', attempt: 1, target: { kind: 'sbom', sha256 }, options: {} },
        lease: { duration_seconds: 300 },
      },
    });
    expect((await lease('q2')).status).toBe(204);
    const token = leased.body.lease.token;
    const held = { 'lease-token': token };
    const payload = await call(runner, 'GET', `/jobs/${id}/payload`, undefined, held);
    expect(payload.headers.get('sbom-sha256')).toBe(sha256);
    const progress = { lease_token: token, done: 1, total: 3, stage: 'detection' };
    expect((await call(runner, 'POST', `/jobs/${id}/progress`, progress)).status).toBe(204);
    expect((await call(user, 'GET', `/scans/${id}`)).body).toMatchObject({
      state: 'running',
      progress: { stage: 'detection' },
    });
    expect((await call(runner, 'POST', `/jobs/${id}/renew`, { lease_token: token })).status).toBe(200);
    const report = await call(runner, 'PUT', `/jobs/${id}/report`, gzipSync('{"schemaVersion":"1"}'), held);
    const result = {
      lease_token: token,
      status: 'succeeded',
      report_sha256: report.body.sha256,
      counts: { findings: 2 },
    };
    expect((await call(runner, 'POST', `/jobs/${id}/result`, result)).status).toBe(200);
    expect((await call(runner, 'POST', `/jobs/${id}/result`, result)).status).toBe(200);
    const other = await call(runner, 'POST', `/jobs/${id}/result`, { ...result, counts: { findings: 3 } });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'result.conflict' } } });
    expect((await call(user, 'GET', `/scans/${id}`)).body).toMatchObject({
      state: 'succeeded',
      counts: { findings: 2 },
    });
    expect((await call(user, 'GET', `/scans/${id}/report`)).body).toEqual({ schemaVersion: '1' });
    expect((await call(user, 'GET', `/scans/${id}/report?format=sarif`)).body).toBe('sarif');
    expect((await call(user, 'GET', `/scans/${id}/events`)).body).toContain('"state":"succeeded"');
    expect((await call(user, 'DELETE', `/scans/${id}`)).status).toBe(409);
  });

  test('a document comes as multipart too', async () => {
    const { api, user, lease } = await start();
    const body = new FormData();
    body.set('scan', JSON.stringify({ name: 'gateway', format: 'cyclonedx-json' }));
    body.set('sbom', new Blob([sbom]), 'bom.json');
    const response = await api.request('/scans', { method: 'POST', body, headers: { 'x-access-token': user } });
    expect(response.status).toBe(202);
    expect((await lease('q')).body.job.target).toEqual({ kind: 'sbom', sha256, format: 'cyclonedx-json' });
  });

  test('a repeated submission with a key is the first one', async () => {
    const { call, user, secretOf } = await start();
    const key = { 'idempotency-key': 'build 7' };
    const first = await call(user, 'POST', '/scans', submission, key);
    expect((await call(user, 'POST', '/scans', submission, key)).body.id).toBe(first.body.id);
    const changed = await call(user, 'POST', '/scans', { ...submission, name: 'other' }, key);
    expect(changed).toMatchObject({ status: 422, body: { error: { code: 'idempotency.conflict' } } });
    const another = await call(await secretOf('create-scan', 'other'), 'POST', '/scans', submission, key);
    expect(another.body.id).not.toBe(first.body.id);
  });

  test('scans of others are not there, and administrators see all', async () => {
    const { call, user, admin, secretOf } = await start();
    const { id } = (await call(user, 'POST', '/scans', submission)).body;
    const other = await secretOf('create-scan', 'other');
    for (const path of [`/scans/${id}`, `/scans/${id}/report`, `/scans/${id}/events`, `/jobs/${id}`]) {
      expect((await call(other, 'GET', path)).status, path).toBe(404);
    }
    expect((await call(other, 'POST', `/jobs/${id}/cancel`)).status).toBe(404);
    expect((await call(other, 'GET', '/scans')).body.scans).toEqual([]);
    expect((await call(admin, 'GET', '/scans')).body.scans).toMatchObject([{ id }]);
    expect((await call(admin, 'POST', `/jobs/${id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
  });

  test('updates go to each live runner', async () => {
    const { call, lease, admin } = await start();
    expect((await call(admin, 'POST', '/updates', {})).body.jobs).toEqual([]);
    await lease('q1');
    const { jobs } = (await call(admin, 'POST', '/updates', { datasources: ['nvd'] })).body;
    expect((await lease('q2')).body.job).toMatchObject({
      id: jobs[0],
      type: 'update',
      options: { datasources: ['nvd'] },
    });
  });

  describe('tokens', () => {
    test('are made, listed without secrets, and revoked', async () => {
      const { call, admin, state } = await start();
      const made = await call(admin, 'POST', '/tokens', {
        name: 'ci',
        permission: 'create-scan',
        expires_in_seconds: 60,
      });
      expect(made).toMatchObject({
        status: 201,
        body: { name: 'ci', token: expect.stringMatching(/^cvs_[\w-]{43}$/) },
      });
      const { token, id } = made.body;
      expect(JSON.stringify(await state.db.selectFrom('token').selectAll().execute())).not.toContain(token);
      expect((await call(admin, 'GET', '/tokens')).body.tokens.map(({ name }: { name: string }) => name)).toContain(
        'ci',
      );
      expect((await call(token, 'GET', '/scans')).status).toBe(200);
      expect((await call(admin, 'DELETE', `/tokens/${id}`)).status).toBe(204);
      expect((await call(token, 'GET', '/scans')).status).toBe(401);
      const audit = await state.db.selectFrom('audit').select(['action', 'subject']).orderBy('id').execute();
      expect(audit.slice(-2).map(({ action }) => action)).toEqual(['token.add', 'token.revoke']);
    });

    test('that have expired let nobody in', async () => {
      const { call, tokens } = await start();
      const { secret } = await tokens.add({ name: 'old', permission: 'admin', expiresInMs: -1 }, 'test');
      expect((await call(secret, 'GET', '/scans')).status).toBe(401);
    });

    test('their uses are counted', async () => {
      const { call, admin, tokens } = await start();
      await call(admin, 'GET', '/tokens');
      await tokens.writeUses();
      const [used] = (await tokens.list()).filter(({ permission }) => permission === 'admin');
      expect(used).toMatchObject({ useCount: 1, lastUsedAtMs: expect.any(Number) });
    });

    test('are needed for every route of the document, of the right permission', async () => {
      const { api, call, runner, user, admin, tokens } = await start();
      const document = api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
      const expired = (await tokens.add({ name: 'old', permission: 'admin', expiresInMs: -1 }, 'test')).secret;
      const revoked = (await tokens.add({ name: 'lost', permission: 'admin' }, 'test')).secret;
      await tokens.revoke('lost', 'test');
      let routeCount = 0;
      for (const [path, methods] of Object.entries(document.paths ?? {})) {
        for (const method of Object.keys(methods)) {
          routeCount++;
          const real = path.replace('{id}', 'x');
          const answer = (secret: string) =>
            call(secret, method.toUpperCase(), real, method === 'get' ? undefined : {});
          const ask = async (secret: string) => (await answer(secret)).status;
          // Which of them it is, and whether there is such a thing, is not told.
          for (const secret of ['', 'cvs_wrong', `cvs_${'a'.repeat(43)}`, expired, revoked]) {
            const { status, body } = await answer(secret);
            expect([status, body], real).toEqual([
              401,
              { error: { code: 'token.invalid', message: 'a valid token is needed' } },
            ]);
          }
          for (const secret of [runner, user, admin]) {
            const { status, body } = await answer(secret);
            if (status !== 403) continue;
            const message = expect.stringMatching(/^this needs a token with the permission [a-z -]+$/);
            expect(body, real).toEqual({ error: { code: 'token.forbidden', message } });
          }
          const statuses = [await ask(runner), await ask(user), await ask(admin)];
          expect(statuses, real).toContain(403);
          expect(statuses, real).not.toContain(401);
        }
      }
      expect(routeCount).toBeGreaterThan(18);
    });
  });

  const bad = [
    ['no JSON', 'POST', '/jobs/lease', Buffer.from('{'), 400, ''],
    ['no types', 'POST', '/jobs/lease', { request_id: 'q', types: [] }, 422, 'types'],
    [
      'too long a poll',
      'POST',
      '/jobs/lease',
      { request_id: 'q', types: ['scan'], wait_seconds: 31 },
      422,
      'wait_seconds',
    ],
    ['an unknown job', 'POST', '/jobs/x/renew', { lease_token: '0'.repeat(32) }, 404, ''],
    ['a token of another form', 'POST', '/jobs/x/renew', { lease_token: 'x' }, 422, 'lease_token'],
    ['a body above the limit', 'POST', '/jobs/lease', { request_id: 'q'.repeat(1 << 20), types: ['scan'] }, 413, ''],
  ] as const;
  for (const [shows, method, path, body, status, field] of bad) {
    test(`a request with ${shows} is answered ${status}`, async () => {
      const { call, runner } = await start();
      const answer = await call(runner, method, path, body);
      expect(answer.status).toBe(status);
      if (field !== '') expect(answer.body.error.field).toBe(field);
    });
  }

  test('a body of another content type is not taken for an empty one', async () => {
    const { call, runner, admin } = await start();
    for (const [secret, path] of [
      [runner, '/jobs/lease'],
      [runner, '/jobs/x/result'],
      [admin, '/tokens'],
      [admin, '/updates'],
    ] as const)
      expect(await call(secret, 'POST', path, undefined, { 'content-type': 'text/plain' })).toMatchObject({
        status: 400,
        body: { error: { code: 'request.malformed' } },
      });
  });

  test('a submission names the field that is wrong', async () => {
    const { call, user } = await start();
    const wrong = { ...submission, target: { ...submission.target, sha256: 'x' } };
    expect((await call(user, 'POST', '/scans', wrong)).status).toBe(422);
    expect((await call(user, 'POST', '/scans', { ...submission, name: '' })).body.error.field).toBe('name');
    expect((await call(user, 'POST', '/scans', Buffer.from('nonsense'))).status).toBe(400);
  });

  test('what users said of a vulnerability is taken back by administrators', async () => {
    const { call, user, admin } = await start();
    const path = '/vulnerabilities/debian%3A12/CVE-2026-0001';
    expect((await call(user, 'DELETE', path)).status).toBe(403);
    expect((await call(admin, 'DELETE', path)).status).toBe(204);
    expect((await call(admin, 'DELETE', '/vulnerabilities/debian%3A12/CVE-2026-0002')).status).toBe(404);
  });
});
