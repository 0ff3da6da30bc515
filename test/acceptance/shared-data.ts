import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const shared = resolve(root, '../shared');
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cvescan-test');

/** Real material beside the project: `un` as `tools/unpack` lays it out, `mirror` as `tools/make-mirror` does. */
export interface SharedData {
  readonly un: string;
  readonly mirror: string;
}

let found: SharedData | undefined;

/**
 * The real material, laid out in the user's cache folder by the content of its archives, so that a second run, in another clone too, finds it.
 * @returns undefined where `../shared` is not there: such tests are skipped.
 */
export function sharedData(): SharedData | undefined {
  if (!existsSync(join(shared, 'data'))) return undefined;
  if (found) return found;
  const key = hashOf(shared, ['data/**/*', 'tools/*']);
  return (found = {
    un: made(`unpacked-${key}`, (folder) => execFileSync(join(shared, 'tools/unpack'), [folder], { stdio: 'inherit' })),
    mirror: made(`mirror-${key}`, (folder) =>
      execFileSync(join(shared, 'tools/make-mirror'), [folder], { stdio: 'inherit' }),
    ),
  });
}

/** A database directory with everything of the mirror, built by this very program; kept by the content of what builds it. */
export function advisoryDatabase(): string {
  const data = sharedData();
  if (!data) throw new Error('no ../shared: ask sharedData() first');
  const code = ['model', 'platform', 'documents', 'versions', 'feeds', 'advisories', 'scan'].map(
    (folder) => `src/${folder}/**/*.ts`,
  );
  const key = hashOf(root, code, (file) => !file.endsWith('.test.ts'));
  return made(`database-${key}-${data.mirror.slice(-16)}`, (folder) =>
    execFileSync(
      process.execPath,
      [join(root, 'src/cli/main.ts'), 'datasources-update', '--db', folder, '--mirror', data.mirror],
      {
        stdio: 'inherit',
      },
    ),
  );
}

/** A folder of the cache, made whole or not at all: two runs at once make it twice and one of them wins. */
function made(name: string, make: (folder: string) => void): string {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  make(partial);
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function hashOf(
  folder: string,
  patterns: readonly string[],
  isCounted: (file: string) => boolean = () => true,
): string {
  const hash = createHash('sha256');
  for (const file of globSync([...patterns], { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isCounted)
    .sort()) {
    hash.update(`\0${file.slice(folder.length)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}
