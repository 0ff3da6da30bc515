import { describe, expect, test } from 'vitest';
import { canonicalPackageName } from './package-name.ts';

const cases = [
  // namespace  written                                    kept under                     what the row shows
  ['pypi', 'Zope.Interface', 'zope-interface', 'a dot is a hyphen, capitals do not count'],
  ['pypi', 'ruamel__.-yaml', 'ruamel-yaml', 'a run of separators is one hyphen'],
  ['nuget', 'Microsoft.NetCore.App.Ref', 'microsoft.netcore.app.ref', 'capitals do not count'],
  ['swift', 'https://github.com/apple/swift-NIO.git', 'github.com/apple/swift-nio', 'a URL without scheme and .git'],
  ['npm', 'Rambox', 'rambox', 'an old name with capitals, as its purl has it'],
  ['golang', 'github.com/Masterminds/sprig', 'github.com/Masterminds/sprig', 'Go tells capitals'],
  ['debian:12', 'libX11', 'libX11', 'packages of distributions are as written'],
] as const;

describe('canonicalPackageName', () => {
  for (const [namespace, written, kept, shows] of cases) {
    test(`${namespace} ${written}: ${shows}`, () => expect(canonicalPackageName(namespace, written)).toBe(kept));
  }
});
