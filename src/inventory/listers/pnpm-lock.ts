import { type YamlLine, yamlLines, yamlScalar } from '../../documents/lockfile-yaml.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readLockfile } from '../lockfile.ts';
import { reachable } from '../reachable.ts';

/**
 * Lists the packages of `pnpm-lock.yaml`, of the versions 5 to 9.
 *
 * Keys of `packages` name them: `/@babel/core/7.20.0_peers` (5), `/@babel/core@7.20.0(peers)` (6), `@babel/core@7.20.0` (9); where
 * they come from elsewhere than a registry, fields `name` and `version` say what they are. A directory of the project is no
 * dependency. Up to version 6 a package says itself that it is `dev`; in 9 it is what only `devDependencies` lead to.
 * Source: https://github.com/pnpm/spec/tree/master/lockfile.
 */
export const pnpmLockLister: PackageLister = {
  name: 'pnpm-lock',
  version: 1,
  fileNames: ['pnpm-lock.yaml'],
  wants: ({ path }) => !isBelow(path, 'node_modules'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const lock = readLock(text, (line) =>
      problem({ code: 'lister.malformed-line', message: `line ${line}: neither a key nor a value`, path: file.path }),
    );
    const named: LanguagePackage[] = [];
    const developmentKeys = lock.isByImporter ? keysOfDevelopment(lock) : undefined;
    for (const entry of lock.packages) {
      if (entry.isDirectory) continue;
      const { name, version } = identityOf(entry, lock.majorVersion);
      const isDevelopment = developmentKeys?.has(entry.key) ?? entry.isDevelopment;
      if (name === '') problem(incompleteEntry(file, `line ${entry.line}`, 'a package without a name'));
      else named.push({ name, version, isDevelopment });
    }
    yield* languagePackages('npm', named);
  },
};

interface PackageEntry {
  readonly line: number;
  readonly key: string;
  name?: string;
  version?: string;
  isDevelopment: boolean;
  isDirectory: boolean;
}

interface Lock {
  majorVersion: number;
  readonly packages: PackageEntry[];
  /** Version 9: keys of snapshots that the project needs, and those that it needs for development. */
  readonly productionRoots: string[];
  readonly developmentRoots: string[];
  /** Version 9: keys of the snapshots that each snapshot needs. */
  readonly needs: Map<string, string[]>;
  /** Whether packages do not say themselves what they are needed for. */
  isByImporter: boolean;
}

/** Nothing that is read lies deeper: `importers`, directory, `dependencies`, name, `version`. */
const MAX_DEPTH = 4;

function readLock(text: string, malformed: (line: number) => void): Lock {
  const lock: Lock = {
    majorVersion: 5,
    packages: [],
    productionRoots: [],
    developmentRoots: [],
    needs: new Map(),
    isByImporter: false,
  };
  /** Keys of the lines that the current one lies in, by their depth. */
  const trail: string[] = [];
  for (const line of yamlLines(text, malformed)) {
    const depth = line.indent / 2;
    if (!Number.isInteger(depth) || depth > MAX_DEPTH) continue;
    trail.length = Math.min(trail.length, depth);
    trail[depth] = line.key;
    if (depth === 0) readTopLine(line, lock);
    else if (trail[0] === 'packages') readPackageLine(line, lock);
    else if (trail[0] === 'snapshots') readSnapshotLine(line, trail, lock);
    else if (trail[0] === 'importers' && line.key === 'version' && depth === MAX_DEPTH)
      readImporterLine(line, trail, lock);
  }
  return lock;
}

function readTopLine({ key, value }: YamlLine, lock: Lock): void {
  if (key === 'lockfileVersion') lock.majorVersion = Number.parseInt(yamlScalar(value), 10) || lock.majorVersion;
  if (key === 'snapshots') lock.isByImporter = true;
}

function readPackageLine({ line, indent, key, value }: YamlLine, { packages }: Lock): void {
  if (indent === 2) packages.push({ line, key, isDevelopment: false, isDirectory: false });
  const entry = packages.at(-1);
  if (indent !== 4 || entry === undefined) return;
  if (key === 'name') entry.name = yamlScalar(value);
  else if (key === 'version') entry.version = yamlScalar(value);
  else if (key === 'dev') entry.isDevelopment = value === 'true';
  else if (key === 'resolution') entry.isDirectory = /\btype: directory\b/.test(value);
}

function readSnapshotLine({ indent, key, value }: YamlLine, trail: readonly string[], { needs }: Lock): void {
  const [, snapshot = '', section] = trail;
  if (indent === 2) needs.set(key, []);
  else if (indent === 6 && (section === 'dependencies' || section === 'optionalDependencies'))
    needs.get(snapshot)?.push(snapshotKey(key, yamlScalar(value)));
}

function readImporterLine({ value }: YamlLine, trail: readonly string[], lock: Lock): void {
  const [, , section, name = ''] = trail;
  const roots = section === 'devDependencies' ? lock.developmentRoots : lock.productionRoots;
  roots.push(snapshotKey(name, yamlScalar(value)));
}

/** The key of a snapshot from a dependency's name and reference: the reference is a version, a place, or (an alias) a key itself. */
function snapshotKey(name: string, reference: string): string {
  return /^@|^[^@:(]+@/.test(reference) ? reference : `${name}@${reference}`;
}

/** Packages that development needs and nothing else does; snapshots of one package differ in their peers, in parentheses. */
function keysOfDevelopment({ productionRoots, developmentRoots, needs }: Lock): ReadonlySet<string> {
  const keysFrom = (roots: readonly string[]) => new Set([...reachable(roots, needs)].map(withoutPeers));
  return keysFrom(developmentRoots).difference(keysFrom(productionRoots));
}

function withoutPeers(key: string): string {
  const peers = key.indexOf('(');
  return peers < 0 ? key : key.slice(0, peers);
}

function identityOf(entry: PackageEntry, majorVersion: number): { readonly name: string; readonly version: string } {
  const fromKey = majorVersion < 6 ? splitSlashedKey(entry.key) : splitKey(entry.key);
  const version = entry.version ?? fromKey.version;
  return { name: entry.name ?? fromKey.name, version: /^v?\d/.test(version) ? version : '' };
}

/** `/@babel/core@7.20.0(peers)`, or without the slash; a registry may stand before it: `npm.example.com/@babel/core@7.20.0`. */
function splitKey(key: string): { readonly name: string; readonly version: string } {
  const [, name = '', version = ''] = /^(?:[^/@]*\/)?(@?[^@/]+(?:\/[^@/]+)?)@(.*)$/.exec(withoutPeers(key)) ?? [];
  return { name, version };
}

/** `/@babel/core/7.20.0_peers`; a registry may stand before it. */
function splitSlashedKey(key: string): { readonly name: string; readonly version: string } {
  const [, name = '', version = ''] = /^[^/@]*\/((?:@[^/]+\/)?[^/]+)\/([^/_(]+)(?:[_(][^/]*)?$/.exec(key) ?? [];
  return { name, version };
}
