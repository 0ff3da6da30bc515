import { type TomlTable, tomlTables } from '../../documents/lockfile-toml.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, malformedToml, readLockfile } from '../lockfile.ts';

/**
 * Lists the packages of `poetry.lock`: a table `[[package]]` each.
 *
 * Which group needs a package stands in `category` until Poetry 1.4 and in `groups` since 2.0; in between nothing says so. Those that
 * `main` does not need are marked.
 * Source: https://github.com/python-poetry/poetry/blob/main/src/poetry/packages/locker.py.
 */
export const poetryLockLister: PackageLister = {
  name: 'poetry-lock',
  version: 1,
  fileNames: ['poetry.lock'],
  wants: ({ path }) => !isBelow(path, 'site-packages'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const packages: LanguagePackage[] = [];
    for (const table of tomlTables(text, malformedToml(file, problem))) {
      if (table.name !== 'package') continue;
      const [name, version] = [table.fields.get('name'), table.fields.get('version')];
      if (typeof name !== 'string' || name === '') {
        problem(incompleteEntry(file, `line ${table.line}`, 'a package without a name'));
        continue;
      }
      if (typeof version !== 'string') problem(incompleteEntry(file, `line ${table.line}`, `${name} has no version`));
      packages.push({ name, version: typeof version === 'string' ? version : '', isDevelopment: isDevelopment(table) });
    }
    yield* languagePackages('pypi', packages);
  },
};

function isDevelopment({ fields }: TomlTable): boolean {
  const groups = fields.get('groups');
  if (Array.isArray(groups)) return groups.length > 0 && !groups.includes('main');
  const category = fields.get('category');
  return category !== undefined && category !== 'main';
}
