import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { ScannerError } from '../model/errors.ts';
import { writeFileAtomically } from '../platform/atomic-file.ts';
import { isSystemError } from '../platform/system-errors.ts';

/** Keeps what was computed once. A cache that cannot be read or written is an empty one, never an error. */
export interface ResultCache {
  /** Plain data as it was written; undefined where there is none, or it is damaged. @param key everything that the result depends on. */
  read(key: string): unknown;
  write(key: string, value: unknown): Promise<void>;
}

/** The results used last are kept; going above either limit drops the others. */
export interface ResultCacheLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** A build takes 4 MB, a whole history of Linux some 20. */
export const DEFAULT_RESULT_CACHE_LIMITS: ResultCacheLimits = { maxEntries: 32, maxBytes: 512 << 20 };

/** Of no use, where there is no place for one. */
export const NO_CACHE: ResultCache = { read: () => undefined, write: async () => {} };

const ENDING = '.result';

/**
 * Opens the cache of a directory, which need not be there. A file is `<SHA-256 of the rest>\n<key as JSON>\n<value as JSON>`.
 */
export function openResultCache(
  directory: string,
  limits: ResultCacheLimits = DEFAULT_RESULT_CACHE_LIMITS,
): ResultCache {
  const fileOf = (key: string): string => join(directory, `${hashOf(key)}${ENDING}`);
  return {
    read(key) {
      return quietly(() => {
        const file = fileOf(key);
        const text = readFileSync(file, 'utf8');
        const start = text.indexOf('\n') + 1;
        const middle = text.indexOf('\n', start);
        const isWhole = hashOf(text.slice(start)) === text.slice(0, start - 1);
        if (!isWhole || JSON.parse(text.slice(start, middle)) !== key) return undefined;
        const now = new Date();
        utimesSync(file, now, now);
        return JSON.parse(text.slice(middle + 1)) as unknown;
      });
    },
    async write(key, value) {
      const text = `${JSON.stringify(key)}\n${JSON.stringify(value)}`;
      if (text.length > limits.maxBytes) return;
      try {
        quietly(() => mkdirSync(directory, { recursive: true, mode: 0o700 }));
        await writeFileAtomically(fileOf(key), [`${hashOf(text)}\n`, text]);
        quietly(() => prune(directory, limits));
      } catch (error) {
        if (!(error instanceof ScannerError)) throw error;
      }
    },
  };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

function prune(directory: string, { maxEntries, maxBytes }: ResultCacheLimits): void {
  const entries = readdirSync(directory)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => join(directory, name))
    .flatMap((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat ? [{ file, size: stat.size, time: stat.mtimeMs }] : [];
    })
    .sort((a, b) => b.time - a.time);
  let [count, bytes] = [0, 0];
  for (const { file, size } of entries) {
    count += 1;
    bytes += size;
    if (count > maxEntries || bytes > maxBytes) rmSync(file, { force: true });
  }
}
