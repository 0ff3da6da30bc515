import { expect, test } from 'vitest';
import { debianPackage, storeLayer } from '../../../../test/sample-layers.ts';
import { insertNotifications } from '../../../state/notification-rows.ts';
import { describeState } from '../../../state/state.contract.ts';
import { notificationDetails, notificationList } from '../../../wire/api-v1/notifications.ts';
import { StoredNotifications } from '../../usecases/notifications.ts';
import { createTokens } from '../../usecases/tokens.ts';
import { answerOf, createApi } from './api-context.ts';
import { addNotificationRoutes } from './notifications.ts';

describeState('/api/v1/notifications', ({ open }) => {
  async function start() {
    const state = await open();
    const tokens = createTokens(state);
    const api = createApi();
    api.onError((error) => answerOf(error)!);
    addNotificationRoutes(api, { tokens, notifications: new StoredNotifications(state) });
    const { secret } = await tokens.add({ name: 'a', permission: 'admin' }, 'test');
    for (const version of ['1', '2', '3'])
      await storeLayer(state, `layer-${version}`, { added: [debianPackage('zlib', version)] });
    const ids = (await state.db.selectFrom('package').select('id').orderBy('id').execute()).map(({ id }) => id);
    const rows = ['a', 'b', 'c'].map((name) => ({
      ...({
        name,
        origin: 'feed',
        namespace: 'debian:12',
        vulnerability: `CVE-${name}`,
        old: null,
        new: '{"Severity":"High"}',
      } as const),
      ...{ changes: '[{"kind":"severity","old":"Low","new":"High"},{"kind":"kev_listed"}]', newPackages: ids },
    }));
    await state.write((tx) => insertNotifications(state, tx, rows, []));
    const get = async (path: string, token = secret) => {
      const response = await api.request(path, { headers: { authorization: `Bearer ${token}` } });
      return { status: response.status, body: await response.json() };
    };
    return { get, tokens };
  }

  test('lists what nobody has read, page by page, with what changed and why', async () => {
    const { get } = await start();
    const first = await get('/notifications?limit=2');
    expect(first.status).toBe(200);
    const { notifications, next } = notificationList.parse(first.body);
    expect(notifications[0]).toMatchObject({
      ...{ name: 'a', namespace: 'debian:12', vulnerability: 'CVE-a', new: { Severity: 'High' } },
      changes: [{ kind: 'severity', old: 'Low', new: 'High' }, { kind: 'kev_listed' }],
    });
    const rest = notificationList.parse((await get(`/notifications?limit=2&after=${next}`)).body);
    expect([...notifications, ...rest.notifications].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(rest.next).toBeUndefined();
  });

  test('shows one with its layers, page by page', async () => {
    const { get } = await start();
    const names: string[] = [];
    let path = '/notifications/b?limit=2';
    for (;;) {
      const { new_layers, old_layers, next } = notificationDetails.parse((await get(path)).body);
      expect(old_layers).toEqual([]);
      names.push(...new_layers.map(({ name }) => name));
      if (next === undefined) break;
      path = `/notifications/b?limit=2&after=${next}`;
    }
    expect(names).toEqual(['layer-1', 'layer-2', 'layer-3']);
  });

  test('is for administrators, and says what is wrong', async () => {
    const { get, tokens } = await start();
    const { secret } = await tokens.add({ name: 'b', permission: 'runner' }, 'test');
    expect((await get('/notifications', secret)).status).toBe(403);
    expect((await get('/notifications', 'none')).status).toBe(401);
    expect((await get('/notifications/unknown')).status).toBe(404);
    expect((await get('/notifications?limit=1001')).status).toBe(422);
    expect((await get('/notifications?after=x')).status).toBe(422);
    expect((await get('/notifications/a?after=1')).status).toBe(422);
  });
});
