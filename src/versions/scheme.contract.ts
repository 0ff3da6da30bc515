import { ScannerError } from '../model/errors.ts';
import { maxVersionChars, type VersionScheme } from './scheme.ts';

/** One rule that every scheme keeps. Plain functions, so that a plugin can be tested anywhere. */
export interface SchemeRule {
  /** A sentence. */
  readonly name: string;
  /**
   * @param samples texts of any kind, versions of the scheme or not.
   * @throws Error that says where the scheme breaks the rule.
   */
  check(scheme: VersionScheme, samples: readonly string[]): void;
}

/** The rules of a total order, and of what may be thrown. */
export const schemeRules: readonly SchemeRule[] = [
  {
    name: 'parse gives a version or throws version.malformed',
    check: (scheme, samples) => void readable(scheme, samples),
  },
  {
    name: 'a text is not read above the limit',
    check(scheme) {
      for (const length of [maxVersionChars + 1, 1_000_000]) {
        if (readable(scheme, ['1'.repeat(length)]).length > 0) throw new Error(`${length} characters are read`);
      }
    },
  },
  {
    name: 'a version equals itself, also when it is read again',
    check(scheme, samples) {
      for (const { text, parsed } of readable(scheme, samples)) {
        expectOrder(scheme.compare(parsed, parsed) === 0, `${text} = ${text}`);
        expectOrder(scheme.compare(parsed, scheme.parse(text)) === 0, `${text} = ${text}, read again`);
      }
    },
  },
  {
    name: 'the other way round the answer is the opposite',
    check(scheme, samples) {
      for (const [a, b] of pairs(readable(scheme, samples))) {
        const [there, back] = [scheme.compare(a.parsed, b.parsed), scheme.compare(b.parsed, a.parsed)];
        expectOrder(Math.sign(there) + Math.sign(back) === 0, `${a.text} and ${b.text}: ${there} and ${back}`);
      }
    },
  },
  {
    name: 'what is below the lower is below the higher',
    check(scheme, samples) {
      const versions = readable(scheme, samples);
      for (const [a, b] of pairs(versions)) {
        if (scheme.compare(a.parsed, b.parsed) > 0) continue;
        for (const c of versions) {
          if (scheme.compare(b.parsed, c.parsed) > 0) continue;
          expectOrder(scheme.compare(a.parsed, c.parsed) <= 0, `${a.text} <= ${b.text} <= ${c.text}`);
        }
      }
    },
  },
  {
    name: 'compare gives the same answer again and changes nothing',
    check(scheme, samples) {
      for (const [a, b] of pairs(readable(scheme, samples))) {
        const first = scheme.compare(a.parsed, b.parsed);
        scheme.compare(b.parsed, a.parsed);
        expectOrder(Object.is(first, scheme.compare(a.parsed, b.parsed)), `${a.text} and ${b.text} again`);
      }
    },
  },
];

interface Version {
  readonly text: string;
  readonly parsed: unknown;
}

function readable(scheme: VersionScheme, samples: readonly string[]): Version[] {
  return samples.flatMap((text) => {
    try {
      return [{ text, parsed: scheme.parse(text) }];
    } catch (error) {
      if (error instanceof ScannerError && error.code === 'version.malformed') return [];
      throw new Error(`${scheme.name} throws something else for ${JSON.stringify(text)}`, { cause: error });
    }
  });
}

function pairs(versions: readonly Version[]): [Version, Version][] {
  return versions.flatMap((a) => versions.map((b): [Version, Version] => [a, b]));
}

function expectOrder(holds: boolean, claim: string): void {
  if (!holds) throw new Error(`does not hold: ${claim}`);
}
