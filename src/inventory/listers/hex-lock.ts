import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { isBelow, readLockfile } from '../lockfile.ts';

/** `"plug": {:hex, :plug, "1.15.2", …`: an application's name, where it comes from, package, version. */
const MIX_HEX = /^\s*(?:%\{\s*)?"([^"]+)":\s*\{:hex,\s*:"?([^",\s]+)"?,\s*"([^"]+)"/;
const MIX_OTHER = /^\s*(?:%\{\s*)?"([^"]+)":\s*\{:(?:git|path),/;

/** `{<<"certifi">>,{pkg,<<"certifi">>,<<"2.9.0">>},1}`, a level in the tree at the end. */
const REBAR = /\{<<"([^"]+)">>,\s*\{(?:pkg,\s*<<"([^"]+)">>,\s*<<"([^"]+)">>|([a-z_]+),)/g;

/**
 * Lists the packages of Elixir's `mix.lock` and Erlang's `rebar.lock`.
 *
 * Both are terms of their language that the tools write with an entry a line. The package counts, not the application, which may
 * have another name. What comes from git has no version. Neither says what is needed for development only. Lockfiles below `deps`
 * say what a package's author used.
 * Source: https://hexdocs.pm/mix/Mix.Tasks.Deps.html, https://rebar3.org/docs/configuration/dependencies/#lock-files.
 */
export const hexLockLister: PackageLister = {
  name: 'hex-lock',
  version: 1,
  fileNames: ['mix.lock', 'rebar.lock'],
  wants: ({ path }) => !isBelow(path, 'deps'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const malformed = (line: number) =>
      problem({ code: 'lister.malformed-line', message: `line ${line}: no package`, path: file.path });
    yield* languagePackages('hex', file.path.endsWith('mix.lock') ? mixEntries(text, malformed) : rebarEntries(text));
  },
};

function* mixEntries(text: string, malformed: (line: number) => void): Generator<LanguagePackage> {
  for (const [index, line] of text.split('\n').entries()) {
    const [, , name, version] = MIX_HEX.exec(line) ?? [];
    const other = MIX_OTHER.exec(line)?.[1];
    if (name !== undefined && version !== undefined) yield { name, version };
    else if (other !== undefined) yield { name: other, version: '' };
    else if (line.includes('"')) malformed(index + 1);
  }
}

function* rebarEntries(text: string): Generator<LanguagePackage> {
  for (const [, application = '', name, version] of text.matchAll(REBAR))
    yield { name: name ?? application, version: version ?? '' };
}
