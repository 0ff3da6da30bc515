import { familyOf, GIT_NAMESPACE } from './namespace.ts';

/**
 * The name under which a namespace keeps a package, where its registry takes several spellings for the same: advisories and
 * installed packages meet under it. Elsewhere names are as they are written.
 *
 * pypi: PEP 503 (`Zope.Interface` is `zope-interface`). nuget, composer and swift do not tell capitals; a SwiftURL name is a URL
 * without scheme and `.git`, and so is a repository (`git`), however it is fetched. npm takes no new name with capitals, and a purl has lost those of an old one (`Rambox`).
 */
export function canonicalPackageName(namespace: string, name: string): string {
  switch (familyOf(namespace)) {
    case 'pypi':
      return name.toLowerCase().replace(/[-_.]+/g, '-');
    case 'nuget':
    case 'composer':
    case 'npm':
      return name.toLowerCase();
    case 'swift':
      return name
        .toLowerCase()
        .replace(/^https?:\/\//, '')
        .replace(/(\.git)?\/?$/, '');
    case GIT_NAMESPACE:
      return name
        .toLowerCase()
        .replace(/^[a-z+]+:\/\//, '')
        .replace(/^[^/@]*@/, '')
        .replace(/^([^/:]+):(?=[^\d/])/, '$1/')
        .replace(/(\.git)?\/?$/, '');
    default:
      return name;
  }
}
