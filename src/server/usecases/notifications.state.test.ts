import { expect, test } from 'vitest';
import { debianPackage, storeLayer } from '../../../test/sample-layers.ts';
import { forgetNotifications, insertNotifications, type NewNotification } from '../../state/notification-rows.ts';
import { describeState } from '../../state/state.contract.ts';
import type { State } from '../../state/state.ts';
import type { ClairVulnerability } from '../../wire/clair-v1/types.ts';
import { tellOwnChanges } from '../notifications/tell-own-changes.ts';
import { StoredNotifications } from './notifications.ts';

const vulnerability = (fixed: string): ClairVulnerability => ({
  ...{ Name: 'CVE-1', NamespaceName: 'debian:12', Severity: 'High' },
  FixedIn: [{ Name: 'zlib', NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version: fixed }],
});

/** Layers 1 to 5 bring zlib 1 to 5. */
async function storeLayers(state: State): Promise<void> {
  for (const version of ['1', '2', '3', '4', '5'])
    await storeLayer(state, `layer-${version}`, {
      added: [debianPackage('zlib1g', version, 'zlib'), debianPackage('bash', '1')],
    });
}

/** As an update makes it: before, the packages up to 2 were affected, now those up to 5. */
async function fromFeed(state: State): Promise<string> {
  const packages = await state.db
    .selectFrom('package')
    .where('name', '=', 'zlib1g')
    .orderBy('id')
    .select('id')
    .execute();
  const ids = packages.map(({ id }) => id);
  const notification: NewNotification = {
    ...{
      name: 'from-feed',
      origin: 'feed',
      namespace: 'debian:12',
      vulnerability: 'CVE-1',
      changes: '[{"kind":"cvss"}]',
    },
    ...{ old: JSON.stringify(vulnerability('3')), new: JSON.stringify(vulnerability('None')) },
    ...{ oldPackages: ids.slice(0, 2), newPackages: ids },
  };
  await state.write((tx) => insertNotifications(state, tx, [notification], []));
  return notification.name;
}

/** As a user makes it. */
async function fromUser(state: State): Promise<string> {
  const change = { namespace: 'debian:12', name: 'CVE-1', old: vulnerability('3'), new: vulnerability('None') };
  await state.write((tx) => tellOwnChanges(state, [])(tx, change));
  return (await state.db.selectFrom('notification').select('name').executeTakeFirstOrThrow()).name;
}

describeState('StoredNotifications', ({ open }) => {
  for (const [origin, make] of [
    ['a feed', fromFeed],
    ['a user', fromUser],
  ] as const) {
    test(`what ${origin} changed is shown in pages of layers, each side by itself`, async () => {
      const state = await open();
      await storeLayers(state);
      const name = await make(state);
      const notifications = new StoredNotifications(state);
      const pages: string[] = [];
      let from: { old: number; new: number } | undefined;
      do {
        const { notification, next, page } = await notifications.get(name, { limit: 2, ...(from && { from }) });
        const { Old, New } = notification;
        expect(New!.Vulnerability).toEqual(vulnerability('None'));
        expect(Old!.Vulnerability).toEqual(vulnerability('3'));
        const layers = [Old, New].map((side) => side!.LayersIntroducingVulnerability!.join('+')).join(' -> ');
        pages.push(`${page.old},${page.new}: ${layers}`);
        from = next;
      } while (from);
      expect(pages).toEqual([
        '0,0: layer-1+layer-2 -> layer-1+layer-2',
        '-1,3:  -> layer-3+layer-4',
        '-1,5:  -> layer-5',
      ]);
    });
  }

  test('layers bear their numbers; limit 0 shows none and where they begin, -1 none at all', async () => {
    const state = await open();
    await storeLayers(state);
    const notifications = new StoredNotifications(state);
    const name = await fromFeed(state);
    const { notification } = await notifications.get(name, { limit: 1 });
    expect(notification.New!.OrderedLayersIntroducingVulnerability).toEqual([{ Index: 1, LayerName: 'layer-1' }]);
    const none = await notifications.get(name, { limit: 0 });
    expect(none.notification.New!.LayersIntroducingVulnerability).toEqual([]);
    expect(none.next).toEqual({ old: 1, new: 1 });
    expect((await notifications.get(name, { limit: -1 })).next).toBeUndefined();
  });

  test("what a user says holds for layers that are posted later, too; a feed's is as it was", async () => {
    const state = await open();
    await storeLayers(state);
    const feed = await fromFeed(state);
    await storeLayer(state, 'later', { added: [debianPackage('zlib1g', '2.5', 'zlib')] });
    const change = { namespace: 'debian:12', name: 'CVE-1', new: vulnerability('3') };
    await state.write((tx) => tellOwnChanges(state, [])(tx, change));
    const notifications = new StoredNotifications(state);
    const [, own] = await notifications.list({ after: 0, limit: 10 });
    const layersOf = async (name: string) =>
      (await notifications.get(name, { limit: 10 })).notification.New!.LayersIntroducingVulnerability;
    expect(await layersOf(own!.name)).toEqual(['layer-1', 'layer-2', 'later']);
    expect(await layersOf(feed)).not.toContain('later');
  });

  test('what was read can still be asked for, again and again, until it is forgotten', async () => {
    const state = await open();
    const name = await fromUser(state);
    const notifications = new StoredNotifications(state);
    expect((await notifications.get(name, { limit: 1 })).notification).toMatchObject({
      Created: expect.stringMatching(/^\d{10}$/),
    });
    await notifications.delete(name);
    await notifications.delete(name);
    expect((await notifications.get(name, { limit: 1 })).notification.Deleted).toMatch(/^\d{10}$/);
    expect(await notifications.list({ after: 0, limit: 10 })).toEqual([]);
    await forgetNotifications(state, (await state.now()) + 1);
    await expect(notifications.get(name, { limit: 1 })).rejects.toMatchObject({ code: 'resource.not-found' });
    await expect(notifications.delete(name)).rejects.toMatchObject({ code: 'resource.not-found' });
  });

  test('a change that is none of ours to name is one of metadata', async () => {
    const state = await open();
    const [old, now] = [vulnerability('3'), { ...vulnerability('3'), Metadata: { note: 'mine' } }];
    await state.write((tx) =>
      tellOwnChanges(state, ['webhook'])(tx, { namespace: 'debian:12', name: 'CVE-1', old, new: now }),
    );
    const [told] = await new StoredNotifications(state).list({ after: 0, limit: 10 });
    expect(told).toMatchObject({ origin: 'user', changes: [{ kind: 'metadata' }] });
  });
});
