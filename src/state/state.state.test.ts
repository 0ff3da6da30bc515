import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import { postgresDialect, sqliteDialect } from './dialects.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations/registry.ts';
import { openState } from './open-state.ts';
import { holdsRowLock, releaseRowLock, takeRowLock } from './row-lock.ts';
import { describeState } from './state.contract.ts';
import type { State } from './state.ts';

describeState('state', ({ open, database, dialect }) => {
  test('keeps what was committed, and nothing of a transaction that failed', async () => {
    const state = await open();
    await state.write((tx) => tx.insertInto('keyvalue').values({ key: 'a', value: 'é\n"' }).execute());
    const failing = state.write(async (tx) => {
      await tx.insertInto('keyvalue').values({ key: 'b', value: '1' }).execute();
      throw new Error('stop');
    });
    await expect(failing).rejects.toThrow('stop');
    expect(await state.db.selectFrom('keyvalue').selectAll().execute()).toEqual([{ key: 'a', value: 'é\n"' }]);
  });

  test('compares text byte by byte', async () => {
    const state = await open();
    const words = ['b', 'B', 'ä', 'a', '_', '😀', '\uFFFD'];
    await state.write((tx) =>
      tx
        .insertInto('keyvalue')
        .values(words.map((key) => ({ key, value: '' })))
        .execute(),
    );
    const rows = await state.db.selectFrom('keyvalue').select('key').orderBy('key').execute();
    expect(rows.map(({ key }) => key)).toEqual(['B', '_', 'a', 'b', 'ä', '\uFFFD', '😀']);
  });

  test('reads numbers up to 2^53 and bytes as they were', async () => {
    const state = await open();
    const bytes = Uint8Array.from([0, 255, 10]);
    await state.write(async (tx) => {
      await tx
        .insertInto('stored_snapshot')
        .values({ sequence: 2 ** 53 - 1, snapshot_id: 's', size_bytes: 3, sha256: '', chunk_count: 1 })
        .execute();
      await tx
        .insertInto('snapshot_chunk')
        .values({ sequence: 2 ** 53 - 1, number: 0, bytes })
        .execute();
    });
    const chunk = await state.db.selectFrom('snapshot_chunk').selectAll().executeTakeFirstOrThrow();
    expect(chunk.sequence).toBe(2 ** 53 - 1);
    expect([...chunk.bytes]).toEqual([...bytes]);
  });

  test('write transactions at once do not disturb one another', async () => {
    const state = await open();
    await state.write((tx) => tx.insertInto('keyvalue').values({ key: 'n', value: '0' }).execute());
    const add = () =>
      state.write(async (tx) => {
        let row = tx.selectFrom('keyvalue').select('value').where('key', '=', 'n');
        if (dialect === 'postgres') row = row.forUpdate();
        const { value } = await row.executeTakeFirstOrThrow();
        await tx
          .updateTable('keyvalue')
          .set({ value: String(Number(value) + 1) })
          .execute();
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect((await state.db.selectFrom('keyvalue').select('value').executeTakeFirstOrThrow()).value).toBe('20');
  });

  test('a transaction that lost a deadlock is run again', async () => {
    const state = await open();
    await state.write((tx) =>
      tx
        .insertInto('keyvalue')
        .values([
          { key: 'a', value: '' },
          { key: 'b', value: '' },
        ])
        .execute(),
    );
    const touch = (keys: readonly string[]) =>
      state.write(async (tx) => {
        for (const key of keys) {
          await tx
            .updateTable('keyvalue')
            .set(({ eb }) => ({ value: eb(eb.ref('value'), '||', 'x') }))
            .where('key', '=', key)
            .execute();
        }
      });
    await Promise.all([0, 1, 2, 3].flatMap(() => [touch(['a', 'b']), touch(['b', 'a'])]));
    const rows = await state.db.selectFrom('keyvalue').select('value').execute();
    expect(rows.map(({ value }) => value)).toEqual(['xxxxxxxx', 'xxxxxxxx']);
  });

  test('a row that is there already is told from other errors', async () => {
    const state = await open();
    const insert = () => state.write((tx) => tx.insertInto('keyvalue').values({ key: 'a', value: '' }).execute());
    await insert();
    const error = await insert().catch((thrown: unknown) => thrown);
    expect(state.isDuplicate(error)).toBe(true);
    expect(state.isDuplicate(new Error('other'))).toBe(false);
  });

  test('the clock is that of the database', async () => {
    const state = await open();
    expect(Math.abs((await state.now()) - Date.now())).toBeLessThan(60_000);
  });

  // One process has one thread, in which SQLite's waiting blocks the other that it waits for.
  test.runIf(dialect === 'postgres')('instances that start at once make the schema once', async () => {
    const options = await database();
    const states = await Promise.all(Array.from({ length: 4 }, () => openState(options)));
    expect(await madeVersions(states[0]!)).toEqual(migrations.map(({ version }) => version));
    for (const state of states) await state[Symbol.asyncDispose]();
  });

  test('a schema that a newer program made for itself refuses the start; one that it left usable does not', async () => {
    const options = await database();
    const version = migrations.at(-1)!.version;
    const later = (steps: readonly Partial<Migration>[]) =>
      steps.map((step, index) => ({
        version: 9001 + index,
        name: 'later',
        oldestProgram: 1,
        up: async () => {},
        ...step,
      }));
    const open = async (steps: readonly Partial<Migration>[]) =>
      (await openState(options, { migrations: [...migrations, ...later(steps)] }))[Symbol.asyncDispose]();
    await open([{ oldestProgram: version }]);
    await open([]);
    await open([{ oldestProgram: version }, { oldestProgram: 9001 }]);
    await expect(open([])).rejects.toMatchObject({ code: 'state.newer' });
  });

  test('a check makes nothing', async () => {
    await expect(openState(await database(), { schema: 'check' })).rejects.toMatchObject({ code: 'state.older' });
  });

  test('migrates from every earlier version to what a new database has', async () => {
    const complete = await tableNames(await open());
    for (const count of migrations.keys()) {
      const options = await database();
      await (await openState(options, { migrations: migrations.slice(0, count) }))[Symbol.asyncDispose]();
      await using state = await openState(options);
      expect(await tableNames(state)).toEqual(complete);
    }
  });
});

async function madeVersions({ db }: State): Promise<readonly number[]> {
  const made = db as unknown as Kysely<{ migration: { version: number } }>;
  return (await made.selectFrom('migration').select('version').orderBy('version').execute()).map((row) => row.version);
}

async function tableNames({ db, dialect }: State): Promise<readonly string[]> {
  const names = { sqlite: sqliteDialect, postgres: postgresDialect }[dialect].tableNames;
  return (await names.execute(db)).rows.map(({ name }) => name).sort();
}

describeState('row locks', ({ open }) => {
  const mine = { name: 'updater', owner: 'me' };
  const theirs = { name: 'updater', owner: 'them' };

  test('one owner at a time, who may prolong', async () => {
    const state = await open();
    expect(await takeRowLock(state, mine, 60_000)).toBe(true);
    expect(await takeRowLock(state, theirs, 60_000)).toBe(false);
    expect(await takeRowLock(state, mine, 60_000)).toBe(true);
    await releaseRowLock(state, theirs);
    expect(await takeRowLock(state, theirs, 60_000)).toBe(false);
    await releaseRowLock(state, mine);
    expect(await takeRowLock(state, theirs, 60_000)).toBe(true);
  });

  test('of many at once one gets it', async () => {
    const state = await open();
    const taken = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => takeRowLock(state, { name: 'x', owner: `${n}` }, 60_000)),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  test('ends by the clock of the database; who lost it is told', async () => {
    const state = await open();
    await takeRowLock(state, mine, 60_000);
    expect(await state.write((tx) => holdsRowLock(state, tx, mine))).toBe(true);
    await state.write((tx) => tx.updateTable('lock').set({ until: 1 }).execute());
    expect(await state.write((tx) => holdsRowLock(state, tx, mine))).toBe(false);
    expect(await takeRowLock(state, theirs, 60_000)).toBe(true);
    expect(await state.write((tx) => holdsRowLock(state, tx, theirs))).toBe(true);
  });
});
