import { compareNumberLists, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';
import { compareIdentifiers, comparePreRelease, type Identifier, readIdentifiers } from '../semantic.ts';

interface PubVersion {
  readonly core: readonly WholeNumber[];
  readonly preRelease: readonly Identifier[];
  readonly build: readonly Identifier[];
}

const WORDS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const GRAMMAR = new RegExp(`^([0-9]+)\\.([0-9]+)\\.([0-9]+)(?:-(${WORDS}))?(?:\\+(${WORDS}))?$`);

/**
 * Versions of Dart packages. Unlike Semantic Versioning, build metadata counts: `1.0.0 < 1.0.0+1 < 1.0.0+2`, which is how
 * Dart authors publish small fixes; and leading zeroes are no error.
 * Source: https://dart.dev/tools/pub/versioning, package pub_semver.
 */
export const pub: VersionScheme<PubVersion> = {
  name: 'pub',

  parse(text) {
    const [, major, minor, patch, preRelease, build] = readVersion('pub', text, GRAMMAR);
    return {
      core: [readNumber(major), readNumber(minor), readNumber(patch)],
      preRelease: readIdentifiers(preRelease),
      build: readIdentifiers(build),
    };
  },

  compare: (a, b) =>
    compareNumberLists(a.core, b.core) ||
    comparePreRelease(a.preRelease, b.preRelease) ||
    compareIdentifiers(a.build, b.build),
};
