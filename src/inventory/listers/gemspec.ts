import { languagePackage } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry } from '../lockfile.ts';

/** Gems that were installed, and those that come with Ruby (`default`). */
const INSTALLED = /(?:^|\/)specifications\/(?:default\/)?[^/]+\.gemspec$/;

/** Name and version stand at the beginning. */
const HEAD_BYTES = 16 * 1024;

/**
 * Lists installed gems: RubyGems writes a `.gemspec` for each below `specifications`.
 *
 * Its second line says all in one, `# stub: rack 2.2.8 ruby lib` (name, version, platform, paths); older ones have only the
 * assignments. A `.gemspec` elsewhere is a gem's source, and computes its version.
 * Source: lib/rubygems/stub_specification.rb of https://github.com/ruby/rubygems.
 */
export const gemspecLister: PackageLister = {
  name: 'gemspec',
  version: 1,
  fileNames: ['*.gemspec'],
  wants: ({ path }) => INSTALLED.test(path),

  async *list(file, { problem }) {
    const text = (await file.read(0, HEAD_BYTES)).toString('utf8');
    const [, name, version, platform] = /^# stub: (\S+) (\d\S*) (\S+)/m.exec(text) ?? readAssignments(text);
    if (!name) {
      problem(incompleteEntry(file, 'gemspec', 'no name'));
      return;
    }
    if (!version) problem(incompleteEntry(file, name, 'no version'));
    yield languagePackage('gem', {
      name,
      version: version ?? '',
      ...(platform && platform !== 'ruby' && { properties: { platform } }),
    });
  },
};

/** `s.name = %q{rack}`, `s.version = Gem::Version.new("2.2.8")`, `s.platform = "java"`; the first of each. */
function readAssignments(text: string): readonly (string | undefined)[] {
  const assigned = (field: string) =>
    new RegExp(
      `^[ \\t]*\\w+\\.${field}\\s*=\\s*(?:Gem::\\w+(?:\\.new|::new)?\\s*\\(?\\s*)?(?:%q[{(<]|["'])([^"'})>\\s]+)`,
      'm',
    ).exec(text)?.[1];
  return [undefined, assigned('name'), assigned('version'), assigned('platform')];
}
