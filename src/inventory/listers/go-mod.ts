import { type LanguagePackage, languagePackages } from '../language-package.ts';
import type { PackageLister } from '../lister.ts';
import { incompleteEntry, isBelow, readLockfile } from '../lockfile.ts';

/** Go's own modules: what they require is compiled into the toolchain, of which its programs tell. */
const OWN_MODULES = ['std', 'cmd'];

interface GoMod {
  module: string;
  go: string;
  toolchain: string;
  readonly required: Map<string, string>;
  /** By path, and by `path version`. */
  readonly replaced: Map<string, { readonly path: string; readonly version: string }>;
}

/**
 * Lists the modules that `go.mod` requires, with what it replaces, and `stdlib` in the version of the toolchain that it asks for:
 * the least one with which it is built.
 *
 * Since Go 1.17 the file names all modules that are compiled in. Those of downloaded modules, of vendored ones and of tests say
 * what their authors used.
 * Source: https://go.dev/ref/mod#go-mod-file.
 */
export const goModLister: PackageLister = {
  name: 'go-mod',
  version: 1,
  fileNames: ['go.mod'],
  wants: ({ path }) => !path.includes('pkg/mod/') && !isBelow(path, 'vendor') && !isBelow(path, 'testdata'),

  async *list(file, { problem }) {
    const text = await readLockfile(file, problem);
    if (text === undefined) return;
    const mod = readGoMod(text, (line, message) => problem(incompleteEntry(file, `line ${line}`, message)));
    if (OWN_MODULES.includes(mod.module)) return;
    const toolchain = mod.toolchain === '' || mod.toolchain === 'default' ? mod.go : mod.toolchain;
    const stdlib = toolchain === '' ? [] : [{ name: 'stdlib', version: toolchain.replace(/^(?!go)/, 'go') }];
    yield* languagePackages('golang', [...stdlib, ...modulesOf(mod)]);
  },
};

function* modulesOf({ required, replaced }: GoMod): Generator<LanguagePackage> {
  for (const [path, version] of required) {
    const replacement = replaced.get(`${path} ${version}`) ?? replaced.get(path);
    if (replacement === undefined) yield { name: path, version };
    // A replacement without a version is a directory.
    else if (replacement.version === '')
      yield { name: path, version: '', properties: { replacedBy: replacement.path } };
    else yield { name: replacement.path, version: replacement.version, properties: { replaces: `${path}@${version}` } };
  }
}

/** Directives stand on a line each, or several of one kind in a block: `require (` … `)`. */
function readGoMod(text: string, report: (line: number, message: string) => void): GoMod {
  const mod: GoMod = { module: '', go: '', toolchain: '', required: new Map(), replaced: new Map() };
  let block = '';
  for (const [index, line] of text.split('\n').entries()) {
    const words = wordsOf(line);
    if (words.length === 0) continue;
    if (words[0] === ')') block = '';
    else if (words[1] === '(') block = words[0]!;
    else if (!readDirective(mod, block === '' ? words : [block, ...words]))
      report(index + 1, line.trim().slice(0, 100));
  }
  return mod;
}

/** @returns false where it lacks a part. */
function readDirective(mod: GoMod, [directive, path = '', ...rest]: readonly string[]): boolean {
  if (directive === 'module') mod.module = path;
  else if (directive === 'go') mod.go = path;
  else if (directive === 'toolchain') mod.toolchain = path;
  else if (directive === 'require') {
    if (path === '' || rest[0] === undefined) return false;
    mod.required.set(path, rest[0]);
  } else if (directive === 'replace') {
    const arrow = rest.indexOf('=>');
    const [target, version = ''] = rest.slice(arrow + 1);
    if (path === '' || arrow < 0 || target === undefined) return false;
    mod.replaced.set(arrow === 0 ? path : `${path} ${rest[0]}`, { path: target, version });
  }
  return true;
}

/** Words without comments and quotes. A block may be opened without a blank: `require(`. */
function wordsOf(line: string): readonly string[] {
  const code = line.replace(/(^|\s)\/\/.*$/s, '').replace(/\($/, ' (');
  return code.split(/\s+/).flatMap((word) => (word === '' ? [] : [word.replace(/^(["`])(.*)\1$/, '$2')]));
}
