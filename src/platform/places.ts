import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where `cvescan` keeps what it keeps. All paths are absolute or relative to the working directory, as the user wrote them. */
export interface Places {
  /** Directory of the advisory database (`--db`, `datasources.root`). */
  readonly database: string;
  /** Directory of the layer cache and of git clones. */
  readonly cache: string;
  /** Directory of the server's own state. */
  readonly state: string;
  /** Configuration files by default, in the order in which they are looked for. */
  readonly configFiles: readonly string[];
}

/**
 * The places by the XDG base directory rules: a relative path in one of the variables counts as unset.
 * Source: https://specifications.freedesktop.org/basedir-spec/latest/.
 */
export function placesOf(env: Readonly<Record<string, string | undefined>>): Places {
  const home = env.HOME || homedir();
  const base = (name: string, ...otherwise: string[]): string => {
    const stated = env[name];
    return join(stated?.startsWith('/') ? stated : join(home, ...otherwise), 'cvescan');
  };
  return {
    database: base('XDG_DATA_HOME', '.local', 'share'),
    cache: base('XDG_CACHE_HOME', '.cache'),
    state: base('XDG_STATE_HOME', '.local', 'state'),
    configFiles: ['/etc/cvescan/config.yml', join(base('XDG_CONFIG_HOME', '.config'), 'config.yml')],
  };
}
