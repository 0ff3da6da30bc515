import { asFields, asList, asText, asTexts } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readJsonDocument } from '../lockfile.ts';

/**
 * Lists what Composer has locked (`composer.lock`) and installed (`vendor/composer/installed.json`).
 *
 * A lockfile has `packages` and `packages-dev`; `installed.json` has `packages` with the names of the latter in
 * `dev-package-names`, or, of Composer 1, is the list itself. Lockfiles below `vendor` say what a package's author used.
 * Source: https://getcomposer.org/doc/, src/Composer/Repository/FilesystemRepository.php.
 */
export const composerLister: PackageLister = {
  name: 'composer',
  version: 1,
  fileNames: ['composer.lock', 'installed.json'],
  wants: ({ path }) =>
    path.endsWith('/composer/installed.json') || (path.endsWith('.lock') && !isBelow(path, 'vendor')),

  async *list(file, { problem }) {
    const document = await readJsonDocument(file, problem);
    if (document === undefined) return;
    const fields = asFields(document);
    const developmentNames = new Set(asTexts(fields['dev-package-names']));
    const groups = [
      { entries: Array.isArray(document) ? document : asList(fields.packages), isDevelopment: false },
      { entries: asList(fields['packages-dev']), isDevelopment: true },
    ];
    const packages: LanguagePackage[] = [];
    for (const { entries, isDevelopment } of groups) {
      for (const [index, entry] of entries.entries()) {
        const { name, version } = asFields(entry);
        const [nameText, versionText] = [asText(name), asText(version)];
        if (nameText === undefined || versionText === undefined) {
          const place = nameText ?? `package ${index + 1}`;
          problem(incompleteEntry(file, place, `no ${nameText === undefined ? 'name' : 'version'}`));
        }
        if (nameText === undefined) continue;
        packages.push({
          name: nameText,
          version: versionText ?? '',
          isDevelopment: isDevelopment || developmentNames.has(nameText),
        });
      }
    }
    yield* languagePackages('composer', packages);
  },
};
