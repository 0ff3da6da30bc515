import { type TomlFields, type TomlTable, type TomlValue, tomlTables } from '../../documents/lockfile-toml.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, malformedToml, readLockfile } from '../lockfile.ts';
import { reachable } from '../reachable.ts';

/**
 * Lists the packages of `uv.lock`: a table `[[package]]` each.
 *
 * What has a `virtual` or `editable` source is the project itself or a member of its workspace, no dependency. What only their
 * `[package.dev-dependencies]` lead to is marked.
 * Source: https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile.
 */
export const uvLockLister: PackageLister = {
  name: 'uv-lock',
  version: 1,
  fileNames: ['uv.lock'],
  wants: ({ path }) => !isBelow(path, 'site-packages'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const entries = readEntries(tomlTables(text, malformedToml(file, problem)));
    const development = namesOfDevelopment(entries);
    const packages: LanguagePackage[] = [];
    for (const { line, name, version, isOwn } of entries) {
      if (isOwn) continue;
      if (name === '') problem(incompleteEntry(file, `line ${line}`, 'a package without a name'));
      else packages.push({ name, version, isDevelopment: development.has(name) });
    }
    yield* languagePackages('pypi', packages);
  },
};

interface Entry {
  readonly line: number;
  readonly name: string;
  readonly version: string;
  /** Whether it is the project itself, or a member of its workspace. */
  readonly isOwn: boolean;
  readonly needs: string[];
  readonly needsForDevelopment: string[];
}

function readEntries(tables: Iterable<TomlTable>): readonly Entry[] {
  const entries: Entry[] = [];
  for (const { name, line, fields } of tables) {
    const last = entries.at(-1);
    if (name === 'package') entries.push(readEntry(line, fields));
    else if (name === 'package.optional-dependencies') addNames(fields, last?.needs);
    else if (name === 'package.dev-dependencies') addNames(fields, last?.needsForDevelopment);
  }
  return entries;
}

function readEntry(line: number, fields: TomlFields): Entry {
  const source = fields.get('source');
  return {
    line,
    name: textOf(fields.get('name')),
    version: textOf(fields.get('version')),
    isOwn: source instanceof Map && (source.has('virtual') || source.has('editable')),
    needs: [...namesIn(fields.get('dependencies'))],
    needsForDevelopment: [],
  };
}

/** `dev = [{ name = "pytest" }]`, a group a line. */
function addNames(groups: TomlFields, names: string[] | undefined): void {
  for (const group of groups.values()) for (const name of namesIn(group)) names?.push(name);
}

function* namesIn(dependencies: TomlValue | undefined): Generator<string> {
  if (!Array.isArray(dependencies)) return;
  for (const dependency of dependencies) if (dependency instanceof Map) yield textOf(dependency.get('name'));
}

function textOf(value: TomlValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Names that the project's development needs and nothing else of it does. */
function namesOfDevelopment(entries: readonly Entry[]): ReadonlySet<string> {
  const needs = new Map<string, string[]>();
  for (const { name, needs: more } of entries) {
    const known = needs.get(name) ?? [];
    for (const needed of more) known.push(needed);
    needs.set(name, known);
  }
  const own = entries.filter(({ isOwn }) => isOwn);
  const production = reachable(
    own.flatMap((entry) => entry.needs),
    needs,
  );
  return reachable(
    own.flatMap((entry) => entry.needsForDevelopment),
    needs,
  ).difference(production);
}
