import { openState } from '../state/open-state.ts';
import { ApiV1Client } from '../wire/api-v1/client.ts';
import type { TokenRequest, TokenView } from '../wire/api-v1/schemas.ts';
import type { Invocation } from './command.ts';
import { openEndpoint, SERVER_OPTIONS } from './server-options.ts';
import { readServerSettings } from './server-settings.ts';

/** Options of the commands about tokens. */
export const TOKEN_OPTIONS = {
  endpoint: {
    ...SERVER_OPTIONS.endpoint!,
    help: 'ask this server, with the token of an administrator in CVESCAN_TOKEN (default: the database of the configuration itself)',
  },
};

/** Said in the help of each of these commands. */
export const TOKEN_ACCESS_HELP = [
  'Without --endpoint (or CVESCAN_ENDPOINT) the database that the server configuration names is changed directly: so the first',
  'token is made. With it the server is asked, by a token of permission admin in CVESCAN_TOKEN. Every change is in the audit log.',
].join('\n');

/** Tokens of a server, by its database or by its API. */
export interface TokenAccess extends AsyncDisposable {
  list(): Promise<readonly TokenView[]>;
  add(wish: TokenRequest): Promise<TokenView & { readonly token: string }>;
  /** @param which an id, or a name. */
  revoke(which: string): Promise<void>;
}

export async function openTokenAccess(invocation: Invocation): Promise<TokenAccess> {
  if (invocation.options.endpoint !== undefined || invocation.env.CVESCAN_ENDPOINT) return overApi(invocation);
  return overState(invocation);
}

function overApi(invocation: Invocation): TokenAccess {
  const api = openEndpoint(invocation);
  const client = new ApiV1Client(api);
  return {
    list: () => client.listTokens(),
    add: (wish) => client.addToken(wish),
    revoke: (which) => client.revokeToken(which),
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

const ACTOR = 'command line';

async function overState(invocation: Invocation): Promise<TokenAccess> {
  const { server } = await readServerSettings(invocation);
  const [{ createTokens }, { tokenView }] = await Promise.all([
    import('../server/usecases/tokens.ts'),
    import('../server/token-view.ts'),
  ]);
  const state = await openState(server.database);
  const tokens = createTokens(state);
  return {
    list: async () => (await tokens.list()).map(tokenView),
    async add({ name, permission, expires_in_seconds: seconds }) {
      const wish = { name, permission, ...(seconds !== undefined && { expiresInMs: seconds * 1000 }) };
      const { token, secret } = await tokens.add(wish, ACTOR);
      return { ...tokenView(token), token: secret };
    },
    revoke: (which) => tokens.revoke(which, ACTOR),
    [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
  };
}
