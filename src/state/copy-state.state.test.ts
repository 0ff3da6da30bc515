import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copyState, isStateUsed } from './copy-state.ts';
import { openState } from './open-state.ts';
import { describeState } from './state.contract.ts';
import type { State } from './state.ts';

async function fill(state: State): Promise<void> {
  await state.write(async (tx) => {
    await tx.insertInto('keyvalue').values({ key: 'a', value: 'ä\n' }).execute();
    const walk = Buffer.from([0, 255, 1]);
    for (let id = 1; id <= 1200; id++) {
      const parent_id = id % 10 === 1 ? null : id - 1;
      const known = {
        parent_id,
        analysis: 1,
        derived_analysis: 1,
        analyser_version: 'v',
        namespace: null,
        walk,
        created_at: id,
      };
      await tx
        .insertInto('layer')
        .values({ name: `layer-${id}`, ...known })
        .execute();
    }
    await tx.deleteFrom('layer').where('name', 'in', ['layer-7', 'layer-1200']).execute();
    await tx.insertInto('lock').values({ name: 'l', owner: 'o', until: 1 }).execute();
  });
}

const layersOf = ({ db }: State) => db.selectFrom('layer').selectAll().orderBy('id').execute();

describeState('a copy of a state', ({ open }) => {
  const openBackup = async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-copy-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    return openState({ type: 'sqlite', file: join(directory, 'backup.sqlite') });
  };

  test('holds all rows, and goes on where they end', async () => {
    const [from, to] = [await open(), await open()];
    await fill(from);
    await using backup = await openBackup();
    const { rowCount } = await copyState(from, backup);
    expect(rowCount).toBeGreaterThan(1000);
    await copyState(backup, to);
    const [copied, original] = [await layersOf(to), await layersOf(from)];
    expect(copied).toHaveLength(1195);
    expect(copied.map(({ walk, ...row }) => ({ ...row, walk: [...walk] }))).toEqual(
      original.map(({ walk, ...row }) => ({ ...row, walk: [...walk] })),
    );
    expect(await to.db.selectFrom('keyvalue').selectAll().execute()).toContainEqual({ key: 'a', value: 'ä\n' });
    expect(await to.db.selectFrom('lock').selectAll().execute()).toEqual([]);
    const { walk } = copied[0]!;
    const layer = {
      parent_id: 1,
      analysis: 1,
      derived_analysis: 1,
      analyser_version: 'v',
      namespace: null,
      walk,
      created_at: 0,
    };
    const { id } = await to.write((tx) =>
      tx
        .insertInto('layer')
        .values({ name: 'next', ...layer })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    expect(id).toBeGreaterThan(copied.at(-1)!.id);
  });

  test('replaces what was there', async () => {
    const [from, to] = [await open(), await open()];
    await fill(to);
    expect([await isStateUsed(from), await isStateUsed(to)]).toEqual([false, true]);
    await using backup = await openBackup();
    await copyState(from, backup);
    await copyState(backup, to);
    expect(await isStateUsed(to)).toBe(false);
  });
});
