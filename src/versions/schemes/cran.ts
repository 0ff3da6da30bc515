import { compareNumberLists, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/**
 * Versions of R packages: whole numbers with `.` or `-` between them, which mean the same. Each counts by its value, and a
 * version that goes on is the greater one: `0.1 < 0.1.0`.
 * Source: https://cran.r-project.org/doc/manuals/r-release/R-exts.html#The-DESCRIPTION-file, `numeric_version` of R.
 */
export const cran: VersionScheme<readonly WholeNumber[]> = {
  name: 'cran',
  parse: (text) =>
    readVersion('cran', text, /^[0-9]+(?:[.-][0-9]+)*$/)[0]
      .split(/[.-]/)
      .map(readNumber),
  compare: compareNumberLists,
};
