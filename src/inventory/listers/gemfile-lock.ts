import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { readLockfile } from '../lockfile.ts';

/** A gem with its version: four blanks, where the gems that it needs have six. */
const GEM = /^ {4}([^\s()]+) \(([^()\s]+)\)\r?$/;

/**
 * Lists the gems of Bundler's `Gemfile.lock` (`gems.locked`).
 *
 * Below `specs:` of each source (GEM, GIT, PATH, PLUGIN SOURCE) stand the gems, indented by four. A version may end in a platform
 * (`1.15.4-x86_64-linux`): then the same gem comes once for each. Groups are not in the file, so none is marked. Lockfiles of
 * installed gems, below `gems`, say what their authors used.
 * Source: lib/bundler/lockfile_parser.rb of https://github.com/ruby/rubygems.
 */
export const gemfileLockLister: PackageLister = {
  name: 'gemfile-lock',
  version: 1,
  fileNames: ['Gemfile.lock', 'gems.locked'],
  wants: ({ path }) => !/\/gems\/[^/]+-\d[^/]*\//.test(path),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const malformed = (line: number) =>
      problem({ code: 'lister.malformed-line', message: `line ${line}: no gem and version`, path: file.path });
    yield* languagePackages('gem', gemsOf(text, malformed));
  },
};

function* gemsOf(text: string, malformed: (line: number) => void): Generator<LanguagePackage> {
  let isInSpecs = false;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\S/.test(line)) isInSpecs = false;
    else if (/^ {2}specs:\s*$/.test(line)) isInSpecs = true;
    else if (isInSpecs && /^ {4}\S/.test(line)) {
      const [, name, stated] = GEM.exec(line) ?? [];
      if (name === undefined || stated === undefined) malformed(index + 1);
      else yield { name, version: stated.split('-', 1)[0]! };
    }
  }
}
