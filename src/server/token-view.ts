import type { TokenView } from '../wire/api-v1/schemas.ts';
import type { Token } from './usecases/tokens.ts';

/** A token as it is shown: without its secret. */
export function tokenView(token: Token): TokenView {
  const { id, name, permission, createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, useCount } = token;
  return {
    ...{ id, name, permission, use_count: useCount, created_at: timeOf(createdAtMs) },
    ...(expiresAtMs !== undefined && { expires_at: timeOf(expiresAtMs) }),
    ...(revokedAtMs !== undefined && { revoked_at: timeOf(revokedAtMs) }),
    ...(lastUsedAtMs !== undefined && { last_used_at: timeOf(lastUsedAtMs) }),
  };
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
