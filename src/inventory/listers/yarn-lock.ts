import { yamlLines, yamlScalar } from '../../documents/lockfile-yaml.ts';
import type { LayerFile } from '../../model/layer.ts';
import type { ReportProblem } from '../../model/problem.ts';
import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readLockfile } from '../lockfile.ts';

/**
 * Lists the packages of `yarn.lock`, of yarn 1 (classic) and of yarn 2 and later (berry).
 *
 * Classic has a grammar of its own, entries of `"pattern", "pattern":` with indented `field value` lines. Berry is YAML; its
 * `resolution` names the package, and what is linked `soft` is a workspace of the project or a directory beside it, no
 * dependency. Neither says which packages are needed for development only, so none is marked.
 * Source: https://classic.yarnpkg.com/lang/en/docs/yarn-lock, https://yarnpkg.com/advanced/lexicon.
 */
export const yarnLockLister: PackageLister = {
  name: 'yarn-lock',
  version: 1,
  fileNames: ['yarn.lock'],
  wants: ({ path }) => !isBelow(path, 'node_modules') && !isBelow(path, '.yarn'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const isBerry = /^__metadata:/m.test(text);
    yield* languagePackages('npm', isBerry ? berryEntries(text, file, problem) : classicEntries(text, file, problem));
  },
};

interface Entry {
  readonly line: number;
  /** The first of the patterns, or the resolution: `@babel/core@^7.0.0`, `ajv@npm:6.12.3`. */
  pattern: string;
  version: string | undefined;
  isLinked: boolean;
}

function* classicEntries(text: string, file: LayerFile, problem: ReportProblem): Generator<LanguagePackage> {
  let [entry, line]: [Entry | undefined, number] = [undefined, 0];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    line++;
    if (text.startsWith('  version ', start) && entry !== undefined) {
      entry.version ??= yamlScalar(text.slice(start + '  version '.length, end).trim());
    } else if (end > start && text[start] !== ' ' && text[start] !== '#' && text[start] !== '\r') {
      if (entry !== undefined) yield* packageOf(entry, file, problem);
      entry = { line, pattern: firstPattern(text.slice(start, end)), version: undefined, isLinked: false };
    }
    start = end + 1;
  }
  if (entry !== undefined) yield* packageOf(entry, file, problem);
}

/** `@babel/core@^7.0.0` of `"@babel/core@^7.0.0", "@babel/core@^7.10.4":`. */
function firstPattern(header: string): string {
  return (/^"([^"]*)"/.exec(header)?.[1] ?? /^([^,]*?)(?:,.*)?:\s*$/.exec(header)?.[1] ?? '').trim();
}

function* berryEntries(text: string, file: LayerFile, problem: ReportProblem): Generator<LanguagePackage> {
  const malformed = (line: number) =>
    problem({ code: 'lister.malformed-line', message: `line ${line}: neither a key nor a value`, path: file.path });
  let entry: Entry | undefined;
  for (const { line, indent, key, value } of yamlLines(text, malformed)) {
    if (indent === 0) {
      if (entry !== undefined) yield* packageOf(entry, file, problem);
      entry = key === '__metadata' ? undefined : { line, pattern: '', version: undefined, isLinked: false };
    } else if (indent === 2 && entry !== undefined) {
      if (key === 'version') entry.version = yamlScalar(value);
      else if (key === 'resolution') entry.pattern = yamlScalar(value);
      else if (key === 'linkType') entry.isLinked = value === 'soft';
    }
  }
  if (entry !== undefined) yield* packageOf(entry, file, problem);
}

function* packageOf(entry: Entry, file: LayerFile, problem: ReportProblem): Generator<LanguagePackage> {
  const { line, pattern, version, isLinked } = entry;
  if (isLinked) return;
  // An alias is locked under its own name: `lodash4@npm:lodash@^4.17.0`.
  const [, name, aliased] = /^(@?[^@]+)@(?:npm:(@?[^@:]+)@)?/.exec(pattern) ?? [];
  if (name === undefined) problem(incompleteEntry(file, `line ${line}`, 'an entry without the name of a package'));
  else {
    if (!version) problem(incompleteEntry(file, `line ${line}`, `package ${name} has no version`));
    yield { name: aliased ?? name, version: version ?? '' };
  }
}
