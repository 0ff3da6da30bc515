import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import { ScannerError } from '../../model/errors.ts';
import { readClock } from '../../state/read-clock.ts';
import type { State, WriteTransaction } from '../../state/state.ts';
import type { TokenRow } from '../../state/tables/scans.ts';
import { recordAudit } from './audit.ts';

export type Permission = TokenRow['permission'];

/** Who speaks. */
export interface Bearer {
  /** Id of the token: what is kept of it elsewhere. */
  readonly id: string;
  readonly name: string;
  readonly permission: Permission;
}

/** A token as an administrator sees it: never the secret. Times are milliseconds. */
export interface Token extends Bearer {
  readonly createdAtMs: number;
  readonly expiresAtMs?: number;
  readonly revokedAtMs?: number;
  readonly lastUsedAtMs?: number;
  readonly useCount: number;
}

export interface NewToken {
  readonly name: string;
  readonly permission: Permission;
  readonly expiresInMs?: number;
}

/** What is known of who may speak to the server. */
export type Tokens = ReturnType<typeof createTokens>;

const PREFIX = 'cvs_';
const SECRET_BYTES = 32;
const SECRET = /^cvs_[A-Za-z0-9_-]{43}$/;

/** Tokens are `cvs_` and 256 random bits; only their SHA-256 is kept. */
export function createTokens(state: State) {
  /** Uses since they were last written. */
  const uses = new Map<string, number>();

  return {
    /** @returns the secret, this once. */
    add: (wish: NewToken, actor: string): Promise<{ token: Token; secret: string }> => addToken(state, wish, actor),

    list: (): Promise<readonly Token[]> => listTokens(state),

    /** @param which its id or its name. @throws ScannerError `token.not-found`. */
    async revoke(which: string, actor: string): Promise<void> {
      await state.write(async (tx) => {
        const ids = await liveIds(tx, which);
        if (ids.length === 0) throw new ScannerError('token.not-found', `there is no live token ${which}`);
        const nowMs = await readClock(state, tx);
        await tx.updateTable('token').set({ revoked_at: nowMs }).where('id', 'in', ids).execute();
        for (const id of ids) await recordAudit(tx, { at: nowMs, actor, action: 'token.revoke', subject: id });
      });
    },

    /**
     * Who shows this secret. Uses the unique index on the hash; a secret of another form costs no question.
     *
     * @throws ScannerError `token.invalid`: unknown, revoked or expired; which of them is not told.
     */
    async verify(secret: string | undefined): Promise<Bearer> {
      const hash = hashOf(secret ?? '');
      const row =
        secret === undefined || !SECRET.test(secret)
          ? undefined
          : await state.db.selectFrom('token').selectAll().where('hash', '=', hash).executeTakeFirst();
      const isKnown = row !== undefined && timingSafeEqual(Buffer.from(row.hash), Buffer.from(hash));
      if (!isKnown || row.revoked_at !== null || (row.expires_at !== null && row.expires_at <= (await state.now()))) {
        throw new ScannerError('token.invalid', 'a valid token is needed');
      }
      uses.set(row.id, (uses.get(row.id) ?? 0) + 1);
      return { id: row.id, name: row.name, permission: row.permission };
    },

    /** Writes how often tokens were used; to be called once a minute, and at the end. */
    async writeUses(): Promise<void> {
      const counted = [...uses];
      uses.clear();
      if (counted.length === 0) return;
      const nowMs = await state.now();
      await state.write(async (tx) => {
        for (const [id, count] of counted) {
          await tx
            .updateTable('token')
            .set((column) => ({ use_count: column('use_count', '+', count), last_used_at: nowMs }))
            .where('id', '=', id)
            .execute();
        }
      });
    },
  };
}

async function addToken(
  state: State,
  { name, permission, expiresInMs }: NewToken,
  actor: string,
): Promise<{ token: Token; secret: string }> {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
  const id = randomUUID();
  const row = await state.write(async (tx) => {
    const nowMs = await readClock(state, tx);
    const values = { ...EMPTY, id, name, permission, hash: hashOf(secret), created_at: nowMs };
    const expiresAt = expiresInMs === undefined ? null : nowMs + expiresInMs;
    await tx
      .insertInto('token')
      .values({ ...values, expires_at: expiresAt })
      .execute();
    await recordAudit(tx, { at: nowMs, actor, action: 'token.add', subject: `${id} ${permission} ${name}` });
    return { ...values, expires_at: expiresAt };
  });
  return { token: tokenOf(row), secret };
}

async function listTokens({ db }: State): Promise<readonly Token[]> {
  const rows = await db.selectFrom('token').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(tokenOf);
}

const EMPTY = { expires_at: null, revoked_at: null, last_used_at: null, use_count: 0 };

async function liveIds(tx: WriteTransaction, which: string): Promise<readonly string[]> {
  const rows = await tx
    .selectFrom('token')
    .select('id')
    .where('revoked_at', 'is', null)
    .where((or) => or.or([or('id', '=', which), or('name', '=', which)]))
    .execute();
  return rows.map(({ id }) => id);
}

function tokenOf(row: Selectable<TokenRow>): Token {
  return {
    id: row.id,
    name: row.name,
    permission: row.permission,
    createdAtMs: row.created_at,
    ...(row.expires_at !== null && { expiresAtMs: row.expires_at }),
    ...(row.revoked_at !== null && { revokedAtMs: row.revoked_at }),
    ...(row.last_used_at !== null && { lastUsedAtMs: row.last_used_at }),
    useCount: row.use_count,
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
