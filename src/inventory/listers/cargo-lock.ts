import { tomlTables } from '../../documents/lockfile-toml.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, malformedToml, readLockfile } from '../lockfile.ts';

/**
 * Lists the crates of `Cargo.lock`, of all its versions: a table `[[package]]` each.
 *
 * The project's own crates are listed too: they have no `source`, but neither have crates that it keeps a copy of, and those must
 * not be missed. What is needed for development only is not told apart by the file. A lockfile among the sources of a crate that
 * cargo has downloaded says what its author used.
 * Source: https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html, src/cargo/core/resolver/encode.rs of cargo.
 */
export const cargoLockLister: PackageLister = {
  name: 'cargo-lock',
  version: 1,
  fileNames: ['Cargo.lock'],
  wants: ({ path }) => !path.includes('/registry/src/'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const crates: LanguagePackage[] = [];
    for (const { name: table, line, fields } of tomlTables(text, malformedToml(file, problem))) {
      if (table !== 'package' && table !== 'root') continue;
      const [name, version] = [fields.get('name'), fields.get('version')];
      if (typeof name !== 'string' || name === '') {
        problem(incompleteEntry(file, `line ${line}`, 'a crate without a name'));
        continue;
      }
      if (typeof version !== 'string') problem(incompleteEntry(file, `line ${line}`, `${name} has no version`));
      crates.push({ name, version: typeof version === 'string' ? version : '' });
    }
    yield* languagePackages('cargo', crates);
  },
};
