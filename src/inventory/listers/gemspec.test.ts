import { describe, expect, test } from 'vitest';
import { isWantedBy, sampleListing } from '../sample-listing.ts';
import { gemspecLister } from './gemspec.ts';

describe('lists', () => {
  for (const [shows, text, packages] of [
    ['by the stub line', '# -*- encoding: utf-8 -*-\n# stub: rack 2.2.4 ruby lib\n', ['rack 2.2.4']],
    [
      'by the assignments',
      'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n  s.version = "2.2.4"\n',
      ['rack 2.2.4'],
    ],
    ['old quotes', '  s.name = %q{rake}\n  s.version = %q<0.8.7>\n', ['rake 0.8.7']],
    ['a version that is made', '  spec.name = \'a\'\n  spec.version = Gem::Version.new("1.0")\n', ['a 1.0']],
    [
      'no other assignment',
      '  s.name = "a"\n  s.required_ruby_version = ">= 2"\n  s.version = "1.0"\n  s.rubygems_version = "3"\n',
      ['a 1.0'],
    ],
  ] as const) {
    test(shows, async () =>
      expect(await sampleListing(gemspecLister, 'specifications/x.gemspec', text)).toEqual({ packages, problems: [] }),
    );
  }
});

describe('what cannot be read is a problem', () => {
  for (const [shows, text, packages, problem] of [
    ['no name', '# stub\n', [], 'lister.incomplete-entry gemspec: no name'],
    ['no version', 's.name = "a"\ns.version = A::VERSION\n', ['a'], 'lister.incomplete-entry a: no version'],
  ] as const) {
    test(shows, async () => {
      const listing = await sampleListing(gemspecLister, 'specifications/x.gemspec', text);
      expect(listing.packages).toEqual(packages);
      expect(listing.problems).toEqual([expect.stringContaining(problem)]);
    });
  }
});

describe('wants', () => {
  for (const [path, isWanted] of [
    ['usr/lib/ruby/gems/3.1.0/specifications/rack-2.2.4.gemspec', true],
    ['usr/lib/ruby/gems/3.1.0/specifications/default/json-2.6.1.gemspec', true],
    ['srv/app.gemspec', false],
    ['usr/lib/ruby/gems/3.1.0/gems/rack-2.2.4/rack.gemspec', false],
    ['srv/specifications/x/y.gemspec', false],
  ] as const) {
    test(`${path}: ${isWanted}`, () => expect(isWantedBy(gemspecLister, path)).toBe(isWanted));
  }
});
