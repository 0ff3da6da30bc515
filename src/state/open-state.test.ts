import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openState } from './open-state.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cvescan-state-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a second server on one file is refused; a command beside it is not', async () => {
  const file = join(directory, 'below', 'state.sqlite');
  const server = await openState({ type: 'sqlite', file, exclusive: true });
  await expect(openState({ type: 'sqlite', file, exclusive: true })).rejects.toMatchObject({ code: 'state.in-use' });
  await (await openState({ type: 'sqlite', file }))[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await (await openState({ type: 'sqlite', file, exclusive: true }))[Symbol.asyncDispose]();
});

test('nothing is written through the reading side', async () => {
  await using state = await openState({ type: 'sqlite', file: join(directory, 'state.sqlite') });
  await expect(state.db.insertInto('keyvalue').values({ key: 'a', value: '' }).execute()).rejects.toThrow('readonly');
});

test('a database that is away is told so, and may be asked again', async () => {
  writeFileSync(join(directory, 'file'), '');
  const file = join(directory, 'file', 'state.sqlite');
  await expect(openState({ type: 'sqlite', file })).rejects.toMatchObject({ code: 'state.unavailable' });
  const source = `host=127.0.0.1 port=1 user=nobody password=secret sslmode=disable`;
  const error = await openState({ type: 'pgsql', source }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'state.unavailable', message: expect.not.stringContaining('secret') });
});
