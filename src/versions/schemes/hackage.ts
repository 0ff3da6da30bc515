import { compareNumberLists, readNumbers, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/**
 * Versions of Haskell packages: dotted whole numbers without leading zeroes, in lexicographic order: `1.0 < 1.0.0`.
 * Source: https://pvp.haskell.org/, "Version numbers"; Cabal's Distribution.Version.
 */
export const hackage: VersionScheme<readonly WholeNumber[]> = {
  name: 'hackage',
  parse: (text) => readNumbers(readVersion('hackage', text, /^(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))*$/)[0]),
  compare: compareNumberLists,
};
