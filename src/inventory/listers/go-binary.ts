import { type GoModule, readGoBuildInfo } from '../../documents/go-build-info.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { executableOf, isProgram } from '../program-file.ts';

/** What a toolchain that was not released calls itself begins with this. */
const UNRELEASED = 'devel';

/**
 * Lists the modules that a Go program was built from, and Go's own library as the package `stdlib` in the version of the toolchain.
 *
 * Of a replaced module the replacement counts. A dependency that was built from a directory (`(devel)`, or a replacement by one)
 * states no version; the program itself is listed only where it states one.
 * Source: debug/buildinfo of Go, https://go.dev/ref/mod#go-version-m.
 */
export const goBinaryLister: PackageLister = {
  name: 'go-binary',
  version: 1,
  wants: isProgram,

  async *list(file) {
    const executable = await executableOf(file);
    const built = executable && (await readGoBuildInfo(file, executable));
    if (!built) return;
    const { goVersion, main, dependencies } = built;
    const modules = [...(main && versionOf(main.version) !== '' ? [main] : []), ...dependencies];
    yield* languagePackages('golang', [
      { name: 'stdlib', version: goVersion.startsWith(UNRELEASED) ? '' : goVersion },
      ...modules.map(toPackage),
    ]);
  },
};

function toPackage({ path, version, replacement }: GoModule): LanguagePackage {
  if (replacement === undefined) return { name: path, version: versionOf(version) };
  const properties = { replaces: version === '' ? path : `${path}@${version}` };
  // A directory has no name that means something elsewhere.
  const isDirectory = /^(?:\.{0,2}\/|[A-Za-z]:)/.test(replacement.path);
  return isDirectory
    ? { name: path, version: '', properties: { replacedBy: replacement.path } }
    : { name: replacement.path, version: versionOf(replacement.version), properties };
}

function versionOf(stated: string): string {
  return stated === '(devel)' ? '' : stated;
}
