import { comparePaddedNumbers, readNumbers, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';
import { comparePreRelease, type Identifier, readIdentifiers } from '../semantic.ts';

interface NugetVersion {
  /** One to four numbers. */
  readonly numbers: readonly WholeNumber[];
  /** In lower case. */
  readonly preRelease: readonly Identifier[];
}

const WORDS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const GRAMMAR = new RegExp(`^\\s*([0-9]+(?:\\.[0-9]+){0,3})(?:-(${WORDS}))?(?:\\+${WORDS})?\\s*$`);

/**
 * Versions of .NET packages: Semantic Versioning 2.0.0 with one to four numbers, of which missing ones are 0, with leading
 * zeroes, and with pre-release words that ignore case. Build metadata has no say in the order.
 * Source: https://learn.microsoft.com/nuget/concepts/package-versioning
 */
export const nuget: VersionScheme<NugetVersion> = {
  name: 'nuget',

  parse(text) {
    const [, numbers, preRelease] = readVersion('nuget', text, GRAMMAR);
    return { numbers: readNumbers(numbers!), preRelease: readIdentifiers(preRelease?.toLowerCase()) };
  },

  compare: (a, b) => comparePaddedNumbers(a.numbers, b.numbers) || comparePreRelease(a.preRelease, b.preRelease),
};
