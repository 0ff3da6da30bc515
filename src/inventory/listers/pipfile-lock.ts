import { asFields, asText, type JsonFields } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { isBelow, readJsonLockfile } from '../lockfile.ts';

/**
 * Lists the packages of `Pipfile.lock`: by name below `default`, `develop` (marked), and categories of the project's own.
 *
 * Versions are pinned (`"==2.31.0"`); what comes from git, a file or a directory states none.
 * Source: https://pipenv.pypa.io/en/latest/pipfile.html.
 */
export const pipfileLockLister: PackageLister = {
  name: 'pipfile-lock',
  version: 1,
  fileNames: ['Pipfile.lock'],
  wants: ({ path }) => !isBelow(path, 'site-packages'),

  async *list(file, { problem }) {
    const lock = await readJsonLockfile(file, problem);
    if (lock !== undefined) yield* languagePackages('pypi', packagesOf(lock));
  },
};

function* packagesOf(lock: JsonFields): Generator<LanguagePackage> {
  for (const [category, packages] of Object.entries(lock)) {
    if (category === '_meta') continue;
    for (const [name, entry] of Object.entries(asFields(packages))) {
      if (name === '') continue;
      const version = (asText(asFields(entry).version) ?? '').replace(/^===?/, '');
      yield { name, version, isDevelopment: category === 'develop' };
    }
  }
}
