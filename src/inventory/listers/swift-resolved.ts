import { asFields, asList, asText, type JsonFields } from '../../platform/json-values.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readJsonLockfile } from '../lockfile.ts';

/**
 * Lists the packages of the Swift package manager's `Package.resolved`, of the versions 1 to 3.
 *
 * A pin names its package by its repository, and so do advisories: `https://github.com/apple/swift-nio.git` is
 * `github.com/apple/swift-nio`. One that follows a branch, or is edited locally, has a revision and no version. Lockfiles below
 * `.build` say what a package's author used.
 * Source: Sources/PackageGraph/ResolvedPackagesStore.swift of https://github.com/swiftlang/swift-package-manager.
 */
export const swiftResolvedLister: PackageLister = {
  name: 'swift-resolved',
  version: 1,
  fileNames: ['Package.resolved'],
  wants: ({ path }) => !isBelow(path, '.build'),

  async *list(file, { problem }) {
    const lock = await readJsonLockfile(file, problem);
    if (lock === undefined) return;
    // Version 1 has the pins in an object, under other names.
    const pins = asList(lock.pins ?? asFields(lock.object).pins).map(asFields);
    const packages: LanguagePackage[] = [];
    for (const [index, pin] of pins.entries()) {
      const name = nameOf(pin);
      if (name === '') problem(incompleteEntry(file, `pin ${index + 1}`, 'neither a repository nor a name'));
      else packages.push({ name, version: asText(asFields(pin.state).version) ?? '' });
    }
    yield* languagePackages('swift', packages);
  },
};

/** Longer than any URL of a repository: what the pattern below is tried on stays small, whatever a stranger writes. */
const MAX_LOCATION_LENGTH = 2048;
const REPOSITORY = /^(?:[a-z+]+:\/\/)?(?:[^@/]+@)?([^/:@]+\.[^/:@]+)(?::\d+)?[:/]+(.+?)(?:\.git)?\/*$/i;

/** The repository without scheme, user and `.git`; a registry has only identities, `mona.LinkedList`. */
function nameOf(pin: JsonFields): string {
  const location = asText(pin.location ?? pin.repositoryURL) ?? '';
  const [, host, path] = (location.length <= MAX_LOCATION_LENGTH && REPOSITORY.exec(location)) || [];
  if (host !== undefined && path !== undefined) return `${host}/${path}`;
  return asText(pin.identity ?? pin.package) ?? '';
}
