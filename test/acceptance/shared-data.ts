import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
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
  found = {
    un: made(`unpacked-${key}`, (folder) => execFileSync(join(shared, 'tools/unpack'), [folder], { stdio: 'inherit' })),
    mirror: made(`mirror-${key}`, (folder) =>
      execFileSync(join(shared, 'tools/make-mirror'), [folder], { stdio: 'inherit' }),
    ),
  };
  return found;
}

/** A database directory with everything of the mirror, built by this very program; kept by the content of what builds it. */
export function advisoryDatabase(): string {
  const data = sharedData();
  if (!data) throw new Error('no ../shared: ask sharedData() first');
  const code = ['model', 'platform', 'documents', 'versions', 'feeds', 'advisories', 'scan'].map(
    (folder) => `src/${folder}/**/*.ts`,
  );
  const key = hashOf(root, code, (file) => !file.endsWith('.test.ts'));
  prune('database-', 2);
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

/** A CycloneDX document of so many real package versions, as `tools/make-sbom` draws them from the mirror. */
export function drawnSbom(count: number): string {
  const data = sharedData();
  if (!data) throw new Error('no ../shared: ask sharedData() first');
  const name = 'drawn.cdx.json';
  const folder = made(`sbom-${count}-${data.mirror.slice(-16)}`, (place) =>
    execFileSync(join(shared, 'tools/make-sbom'), [data.mirror, `${count}`, join(place, name)], { stdio: 'inherit' }),
  );
  return join(folder, name);
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

/** Databases are large and every change of the code makes a new one: only the newest few stay. */
function prune(prefix: string, keepCount: number): void {
  if (!existsSync(cache)) return;
  const old = readdirSync(cache)
    .filter((name) => name.startsWith(prefix) && !name.endsWith('.partial'))
    .map((name) => join(cache, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .slice(keepCount);
  for (const folder of old) rmSync(folder, { recursive: true, force: true });
}
