import { SaxesParser } from 'saxes';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, readLockfile } from '../lockfile.ts';

/**
 * Lists the packages of NuGet's older `packages.config`: `<package id="…" version="…" developmentDependency="true"/>`.
 * Source: https://learn.microsoft.com/nuget/reference/packages-config.
 */
export const nugetConfigLister: PackageLister = {
  name: 'nuget-config',
  version: 1,
  fileNames: ['packages.config'],
  wants: () => true,

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const packages: LanguagePackage[] = [];
    const parser = new SaxesParser();
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name: tag, attributes }) => {
      if (tag !== 'package') return;
      const { id = '', version = '', developmentDependency } = attributes;
      if (id === '') problem(incompleteEntry(file, `line ${parser.line}`, 'a package without an id'));
      else packages.push({ name: id, version, isDevelopment: developmentDependency?.toLowerCase() === 'true' });
    });
    try {
      parser.write(text).close();
    } catch (error) {
      // What stands before the place is listed all the same.
      const message = `no XML: ${error instanceof Error ? error.message : error}`;
      problem({ code: 'lister.malformed-file', message, path: file.path });
    }
    yield* languagePackages('nuget', packages);
  },
};
