import { asText } from '../../platform/json-values.ts';
import { languagePackage } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, readJsonLockfile } from '../lockfile.ts';

/** `node_modules/express/package.json`, `node_modules/@angular/core/package.json`; not what lies deeper in a package. */
const INSTALLED = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/;

/**
 * Lists what npm, yarn or pnpm has installed: each package's own `package.json`, directly below `node_modules`.
 *
 * The name in the file counts, not that of the directory, which may be an alias. A `package.json` elsewhere is a project's own
 * or marks a part of a package (`{"type": "module"}`): it says of nothing that it is installed.
 * Source: https://docs.npmjs.com/cli/configuring-npm/folders and package-json.
 */
export const npmInstalledLister: PackageLister = {
  name: 'npm-installed',
  version: 1,
  fileNames: ['package.json'],
  wants: ({ path }) => INSTALLED.test(path),

  async *list(file, { problem }) {
    const manifest = await readJsonLockfile(file, problem);
    if (manifest === undefined) return;
    const [name, version] = [asText(manifest.name), asText(manifest.version)];
    if (name === undefined) {
      problem(incompleteEntry(file, 'package.json', 'no name'));
      return;
    }
    if (version === undefined) problem(incompleteEntry(file, name, 'no version'));
    yield languagePackage('npm', { name, version: version ?? '' });
  },
};
