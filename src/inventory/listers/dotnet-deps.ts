import { asFields, asText } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, readJsonLockfile } from '../lockfile.ts';

/** A self-contained program brings the runtime along, as a library of this name before the package's own. */
const RUNTIME_PACK = 'runtimepack.';

/**
 * Lists the NuGet packages that a .NET program brings along, and the runtime of a self-contained one: `libraries` of `*.deps.json`, by
 * `name/version`. Projects and plain assemblies are no packages.
 * Source: https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md.
 */
export const dotnetDepsLister: PackageLister = {
  name: 'dotnet-deps',
  version: 1,
  fileNames: ['*.json'],
  wants: ({ path }) => path.endsWith('.deps.json'),

  async *list(file, { problem }) {
    const document = await readJsonLockfile(file, problem);
    if (document === undefined) return;
    const packages: LanguagePackage[] = [];
    for (const [key, library] of Object.entries(asFields(document.libraries))) {
      const type = asText(asFields(library).type)?.toLowerCase();
      if (type !== 'package' && type !== 'runtimepack') continue;
      const slash = key.lastIndexOf('/');
      const name = key.slice(type === 'runtimepack' && key.startsWith(RUNTIME_PACK) ? RUNTIME_PACK.length : 0, slash);
      if (slash < 0 || name === '') problem(incompleteEntry(file, JSON.stringify(key), 'no name and version'));
      else packages.push({ name, version: key.slice(slash + 1) });
    }
    yield* languagePackages('nuget', packages);
  },
};
