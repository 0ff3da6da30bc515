import { randomBytes } from 'node:crypto';
import type { State } from '../state/state.ts';

const KEY = 'pagination_key';
const KEY_BYTES = 32;

/** The key of page tokens that is kept in state, so that all instances read one another's tokens; made by the first that asks. */
export async function statePaginationKey(state: State, random = randomBytes): Promise<Buffer> {
  const value = random(KEY_BYTES).toString('base64');
  const stored = await state.write(async (tx) => {
    await tx
      .insertInto('keyvalue')
      .values({ key: KEY, value })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    return tx.selectFrom('keyvalue').select('value').where('key', '=', KEY).executeTakeFirstOrThrow();
  });
  return Buffer.from(stored.value, 'base64');
}
