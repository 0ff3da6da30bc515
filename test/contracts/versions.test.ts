import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemes } from '../../src/versions/registry.ts';
import { schemeRules } from '../../src/versions/scheme.contract.ts';

/** Texts put together from pieces of the scheme's grammar: most are versions, and many of them are close to each other. */
const from = (first: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...first), fc.array(fc.constantFrom(...pieces), { maxLength: 5 }))
    .map(([head, tail]) => head + tail.join(''));

const SEMANTIC = from(
  ['0.0.1', '1.0.0', '1.0.10', '1.2.0'],
  ['-0', '-1', '-a', '-rc', '.1', '.10', '.a', '+1', '+b', '-'],
);

const arbitraries: Readonly<Record<string, fc.Arbitrary<string>>> = {
  alpm: from(['0', '1', '1.0', '1:1'], ['.', '1', '10', 'a', 'rc', '.1', '.a', '-1', '-2', '_']),
  apk: from(
    ['0', '1', '1.0', '1.05', '1.10'],
    ['.0', '.01', '.1', 'a', 'b', '2', '_rc', '_p', '1', '~ab', '-r0', '-r1'],
  ),
  cargo: SEMANTIC,
  cpe: from(
    ['0', '1', '1.0', 'v1.1', '2:1'],
    ['.0', '.1', 'a', 'zd', '-rc1', 'beta', '-p1', '_10', '-', '+git', 'pre'],
  ),
  cran: from(['0', '1', '01'], ['.0', '-0', '.1', '.10', '-10', '0']),
  dpkg: from(['0', '1', '1:0', '01'], ['.', '~', '+', '-', 'a', 'Z', '0', '1', '10', '-1', ':']),
  go: from(
    ['v0.1.0', 'v1', '1.2', 'go1.21', '1.21.0'],
    ['-0', '-rc.1', 'rc1', 'beta1', '.1', '+incompatible', '-2020.a'],
  ),
  hackage: from(['0', '1', '10'], ['.0', '.1', '.10', '0']),
  hex: SEMANTIC,
  // Not any mix: the specification itself is no total order on, say, `1.0-1`, `1.0.RC1` and `1.0`.
  maven: from(['1', '1.0', '1.0.1', '1.1', '01', '1.0.0'], ['']).chain((numbers) =>
    fc
      .constantFrom('', '-alpha', '-a1', '-rc', '-RC2', '-snapshot', '-ga', '-sp', '-foo', '-jre')
      .map((word) => numbers + word),
  ),
  nuget: from(['1', '1.0', '1.0.0.1', '01.1'], ['-a', '-A', '-1', '.1', '.10', '.b', '+x', '-beta']),
  packagist: from(
    ['1', 'v1.0', '1.x-dev', 'dev-a'],
    ['.0', '.1', '-beta', 'rc', 'RC', '1', '-dev', 'p', '-stable', '+x', 'foo'],
  ),
  pep440: from(
    ['1', '1.0', '1!0', 'v1.1'],
    ['.0', '.1', 'a1', 'rc', '.post', '-1', '.dev0', '.dev', '+a', '+1', '.a', '.2'],
  ),
  pub: SEMANTIC,
  rpm: from(['0', '1', 'a', '1:1'], ['.', '~', '^', '-', '1', '01', '10', 'a', 'B', '_', '-1', 'é']),
  rubygems: from(['0', '1', '1.0'], ['.0', '.1', '.a', '.a1', '.0.b', '-1', '.10', 'rc']),
  semver: SEMANTIC,
};

test('there are texts for every scheme', () => {
  expect(Object.keys(arbitraries)).toEqual(schemes.map(({ name }) => name));
});

for (const scheme of schemes) {
  const samples = fc.array(
    fc.oneof(
      { arbitrary: arbitraries[scheme.name]!, weight: 9 },
      { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
    ),
    { minLength: 1, maxLength: 10 },
  );
  describe(`scheme ${scheme.name}`, () => {
    for (const { name, check } of schemeRules) {
      test(name, () =>
        fc.assert(
          fc.property(samples, (texts) => check(scheme, texts)),
          { numRuns: 200 },
        ),
      );
    }

    test('most of these texts are versions', () => {
      const texts = fc.sample(arbitraries[scheme.name]!, { numRuns: 200, seed: 1 });
      const versions = texts.filter((text) => {
        try {
          scheme.parse(text);
          return true;
        } catch {
          return false;
        }
      });
      expect(versions.length).toBeGreaterThan(60);
    });
  });
}
