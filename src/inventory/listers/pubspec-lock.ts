import { yamlLines, yamlScalar } from '../../documents/lockfile-yaml.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readLockfile } from '../lockfile.ts';

/**
 * Lists the packages of Dart's and Flutter's `pubspec.lock`.
 *
 * `direct dev` packages are marked; what only these need is `transitive` like all else. What comes with the SDK is always
 * `0.0.0`, which is no version. Lockfiles of downloaded packages, below `.pub-cache`, say what their authors used.
 * Source: https://dart.dev/tools/pub/glossary#lockfile.
 */
export const pubspecLockLister: PackageLister = {
  name: 'pubspec-lock',
  version: 1,
  fileNames: ['pubspec.lock'],
  wants: ({ path }) => !isBelow(path, '.pub-cache'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const entries = readEntries(text, (line) =>
      problem({ code: 'lister.malformed-line', message: `line ${line}: neither a key nor a value`, path: file.path }),
    );
    const packages: LanguagePackage[] = [];
    for (const { line, name, fields } of entries) {
      const stated = fields.get('version') ?? '';
      if (stated === '') problem(incompleteEntry(file, `line ${line}`, `${name} has no version`));
      const version = fields.get('source') === 'sdk' ? '' : stated;
      packages.push({ name, version, isDevelopment: fields.get('dependency') === 'direct dev' });
    }
    yield* languagePackages('pub', packages);
  },
};

interface Entry {
  readonly line: number;
  readonly name: string;
  readonly fields: Map<string, string>;
}

function readEntries(text: string, malformed: (line: number) => void): readonly Entry[] {
  const entries: Entry[] = [];
  let section = '';
  for (const { line, indent, key, value } of yamlLines(text, malformed)) {
    if (indent === 0) section = key;
    else if (section !== 'packages' || key === '') continue;
    else if (indent === 2) entries.push({ line, name: key, fields: new Map() });
    else if (indent === 4) entries.at(-1)?.fields.set(key, yamlScalar(value));
  }
  return entries;
}
