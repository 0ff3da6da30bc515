import { asFields, asText, type JsonFields } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { readJsonLockfile } from '../lockfile.ts';

/**
 * Lists the packages of NuGet's `packages.lock.json`: `dependencies` by target framework, then by name. Projects are no packages.
 * Source: https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies.
 */
export const nugetLockLister: PackageLister = {
  name: 'nuget-lock',
  version: 1,
  // A project may have a name of its own in that of the file: `packages.<project>.lock.json`.
  fileNames: ['*.json'],
  wants: ({ path }) => path.endsWith('.lock.json') && /(?:^|\/)packages(?:\.[^/]+)?\.lock\.json$/.test(path),

  async *list(file, { problem }) {
    const lock = await readJsonLockfile(file, problem);
    if (lock !== undefined) yield* languagePackages('nuget', packagesOf(lock));
  },
};

function* packagesOf(lock: JsonFields): Generator<LanguagePackage> {
  for (const framework of Object.values(asFields(lock.dependencies))) {
    for (const [name, value] of Object.entries(asFields(framework))) {
      const { type, resolved } = asFields(value);
      if (name !== '' && type !== 'Project') yield { name, version: asText(resolved) ?? '' };
    }
  }
}
