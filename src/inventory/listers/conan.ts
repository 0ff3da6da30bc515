import type { LayerFile } from '../../model/layer.ts';
import type { ReportProblem } from '../../model/problem.ts';
import { asFields, asText, asTexts } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { readJsonLockfile, readLockfile } from '../lockfile.ts';

/**
 * Lists the C and C++ packages of `conan.lock` (Conan 1 and 2) and `conanfile.txt`.
 *
 * All name packages by references, `zlib/1.2.13@user/channel#revision%time`. Conan 2 locks `requires`, and `build_requires` and
 * `python_requires`, which only build (marked); Conan 1 a graph of nodes, in which the project itself may be one without a
 * reference or with that of `path`. A version of `conanfile.txt` that is a range (`[>=1.2]`) is none.
 * Source: https://docs.conan.io/2/tutorial/versioning/lockfiles.html, https://docs.conan.io/1/versioning/lockfiles.html.
 */
export const conanLister: PackageLister = {
  name: 'conan',
  version: 1,
  fileNames: ['conan.lock', 'conanfile.txt'],
  wants: () => true,

  async *list(file, { problem }) {
    const isLock = file.path.endsWith('conan.lock');
    const references = isLock ? await lockedReferences(file, problem) : await statedReferences(file, problem);
    const packages: LanguagePackage[] = [];
    for (const { reference, isDevelopment } of references) {
      const read = readReference(reference);
      if (read === undefined) {
        const message = `no name and version in ${JSON.stringify(reference.slice(0, 80))}`;
        problem({ code: 'lister.incomplete-entry', message, path: file.path });
      } else packages.push({ ...read, isDevelopment });
    }
    yield* languagePackages('conan', packages);
  },
};

interface Reference {
  readonly reference: string;
  readonly isDevelopment: boolean;
}

async function lockedReferences(file: LayerFile, problem: ReportProblem): Promise<readonly Reference[]> {
  const lock = await readJsonLockfile(file, problem);
  if (lock === undefined) return [];
  const nodes = Object.values(asFields(asFields(lock.graph_lock).nodes)).map(asFields);
  const development = [...asTexts(lock.build_requires), ...asTexts(lock.python_requires)];
  return [
    ...nodes
      .filter(({ path }) => path === undefined)
      .flatMap(({ ref, context }) => {
        const reference = asText(ref);
        return reference === undefined ? [] : [{ reference, isDevelopment: context === 'build' }];
      }),
    ...asTexts(lock.requires).map((reference) => ({ reference, isDevelopment: false })),
    ...development.map((reference) => ({ reference, isDevelopment: true })),
  ];
}

/** `[requires]` and `[tool_requires]` (once `[build_requires]`), a reference a line. */
async function statedReferences(file: LayerFile, problem: ReportProblem): Promise<readonly Reference[]> {
  const references: Reference[] = [];
  let section = '';
  for (const line of ((await readLockfile(file, problem)) ?? '').split('\n')) {
    const content = line
      .trim()
      .replace(/(^|\s)#.*$/s, '')
      .trim();
    const [, header] = /^\[(\w+)\]$/.exec(content) ?? [];
    if (header !== undefined) section = header;
    else if (content !== '' && /^(?:(?:tool|build|test)_)?requires$/.test(section))
      references.push({ reference: content, isDevelopment: section !== 'requires' });
  }
  return references;
}

/** What stands before user, channel, revision and time. */
function readReference(reference: string): LanguagePackage | undefined {
  const [, name, version, user, channel] =
    /^([^/@#%\s]+)\/(\[[^\]]*\]|[^/@#%\s]+)(?:@([^/#%]*)\/([^#%]*))?/.exec(reference) ?? [];
  if (name === undefined || version === undefined) return undefined;
  return {
    name,
    version: version.startsWith('[') ? '' : version,
    ...(user && channel && user !== '_' && { properties: { user, channel } }),
  };
}
