import { normalizePath } from '../align-paths.ts';
import type { Tree } from '../tree.ts';
import { UNKNOWN } from './make-functions.ts';
import { DEFAULT_MAKE_LIMITS, type MakeLimits, MakeScope, type StepCount } from './make-scope.ts';
import { stemOf, wordsOf } from './make-text.ts';
import { parseMakefile, type Statement } from './makefile.ts';
import { type Rule, runMakefile } from './run-makefile.ts';

/** Which kernel is built. */
export interface KernelBuild {
  /** Folder of the architecture below `arch/`: `x86`, `arm64`. */
  readonly srcArch: string;
  /** Symbols without `CONFIG_`; `n` and absent are alike when `isComplete`. */
  readonly symbols: Readonly<Record<string, string>>;
  /** False: a symbol that is not named may have any value, and what depends on it counts as compiled. */
  readonly isComplete: boolean;
}

/** Files that Kbuild may include; the others are read when one is asked for. */
const MAKEFILE = /(^|\/)(Makefile|Kbuild|Platform)([.-][^/]*)?$|\.mk$|\/[^/]*\.include$/;

/** Lists of the top Makefile and of `arch/<arch>/Makefile`. */
const TOP_LISTS = ['head', 'init', 'core', 'drivers', 'net', 'libs', 'virt'].flatMap((name) => [
  `${name}-y`,
  `${name}-m`,
]);

/** `targets` holds what other steps link: `version-timestamp.o`. */
const OBJECT_LISTS = ['targets', 'obj-y', 'obj-m', 'lib-y', 'lib-m', 'extra-y', 'extra-m'];

/**
 * The source files (`.c`, `.S`, `.rs`) that a configuration compiles, by evaluating the kernel's own makefiles.
 * @returns sorted paths.
 * @throws ScannerError `kernel.limit-exceeded`.
 * Source: Documentation/kbuild/makefiles.rst and scripts/Makefile.{build,lib} of Linux 4.19 to 6.12.
 */
export async function compiledSources(
  tree: Tree,
  build: KernelBuild,
  limits: MakeLimits = DEFAULT_MAKE_LIMITS,
): Promise<readonly string[]> {
  const texts = new Map<string, string>();
  for (const path of tree.paths.filter((name) => MAKEFILE.test(name))) {
    const text = await tree.read(path);
    if (text !== undefined) texts.set(path, text);
  }
  return new Evaluation(tree, texts, build, { steps: 0, limits }).run();
}

class Evaluation {
  readonly #sources = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #parsed = new Map<string, readonly Statement[]>();
  readonly #tree: Tree;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #build: KernelBuild;
  readonly #count: StepCount;

  constructor(tree: Tree, texts: ReadonlyMap<string, string>, build: KernelBuild, count: StepCount) {
    this.#tree = tree;
    this.#texts = texts;
    this.#build = build;
    this.#count = count;
  }

  run(): readonly string[] {
    const top = this.#scope('', () => undefined);
    const rules: Rule[] = [];
    runMakefile(this.#load('Makefile') ?? [], { scope: top, load: this.#load, rules });
    for (const word of TOP_LISTS.flatMap((name) => wordsOf(top.value(name))))
      this.#take('', word, { scope: top, rules }, top);
    this.#directory('', top);
    // scripts/link-vmlinux.sh adds it at the very end; no list names it.
    this.#object('init/version-timestamp', []);
    return [...this.#sources].sort();
  }

  readonly #load = (path: string): readonly Statement[] | undefined => {
    // What these define are commands and questions to the compiler.
    if (path.startsWith('scripts/')) return undefined;
    const text = this.#texts.get(path);
    if (text === undefined) return undefined;
    const statements = this.#parsed.get(path) ?? parseMakefile(text);
    this.#parsed.set(path, statements);
    return statements;
  };

  #scope(directory: string, environment: (name: string) => string | undefined): MakeScope {
    const { srcArch } = this.#build;
    const here = directory === '' ? '.' : directory;
    const constants = { srctree: '.', objtree: '.', srcroot: '.', src: here, obj: here, SRCARCH: srcArch, CURDIR: '.' };
    const presets = {
      ...constants,
      abs_srctree: '.',
      abs_objtree: '.',
      abs_output: '.',
      sub_make_done: '1',
      MAKE_VERSION: '4.3',
    };
    return new MakeScope(
      { ...presets, ARCH: this.#architecture(), MAKEFLAGS: '--no-print-directory', KBUILD_EXTMOD: '' },
      {
        surroundings: (name) => (name.startsWith('CONFIG_') ? this.#symbol(name.slice(7)) : environment(name)),
        files: { wildcard: (pattern) => this.#wildcard(normalizePath(pattern)) },
        count: this.#count,
      },
    );
  }

  /** x86 makefiles ask for the word that make was started with. */
  #architecture(): string {
    const { srcArch, symbols } = this.#build;
    if (srcArch !== 'x86') return srcArch;
    return symbols['64BIT'] === 'y' || symbols.X86_64 === 'y' ? 'x86_64' : 'i386';
  }

  #symbol(name: string): string | undefined {
    const value = this.#build.symbols[name];
    if (value === undefined) return this.#build.isComplete ? undefined : UNKNOWN;
    return value === 'n' ? undefined : value;
  }

  #wildcard(pattern: string): readonly string[] {
    if (!/[*?]/.test(pattern)) return this.#tree.has(pattern) ? [pattern] : [];
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]');
    const expression = new RegExp(`^${source}$`);
    return this.#tree.paths.filter((path) => expression.test(path));
  }

  #directory(directory: string, top: MakeScope): void {
    if (this.#visited.has(directory)) return;
    this.#visited.add(directory);
    const at = (name: string) => (directory === '' ? name : `${directory}/${name}`);
    const statements = this.#load(at('Kbuild')) ?? (directory === '' ? undefined : this.#load(at('Makefile')));
    if (!statements) return;
    const scope = this.#scope(directory, (name) => top.exportedValue(name));
    const rules: Rule[] = [];
    runMakefile(statements, { scope, load: this.#load, rules });
    for (const word of OBJECT_LISTS.flatMap((name) => wordsOf(scope.value(name)))) {
      this.#take(directory, word, { scope, rules }, top);
    }
    for (const word of looseObjects(scope, statements)) this.#take(directory, word, { scope, rules }, top);
    for (const word of ['subdir-y', 'subdir-m'].flatMap((name) => wordsOf(scope.value(name)))) {
      this.#directory(normalizePath(at(word)), top);
    }
  }

  /** One word of a list: a folder, or an object made of its members or of one source. */
  #take(
    directory: string,
    word: string,
    from: { readonly scope: MakeScope; readonly rules: readonly Rule[] },
    top: MakeScope,
    depth = 0,
  ): void {
    const [, folder] = /^(.*)\/(?:built-in\.[ao]|lib\.a)?$/.exec(word) ?? [];
    const at = (name: string) => normalizePath(directory === '' ? name : `${directory}/${name}`);
    if (folder !== undefined) this.#directory(at(folder), top);
    if (!word.endsWith('.o')) return;
    const stem = word.slice(0, -2);
    const members = ['-objs', '-y', '-m'].flatMap((suffix) => wordsOf(from.scope.value(stem + suffix)));
    if (members.length > 0 && depth < 3) {
      for (const member of members.filter((name) => name !== word)) this.#take(directory, member, from, top, depth + 1);
      // A list may name its own object: `dim-y := dim.o net_dim.o`, `file-mmu-y := file-mmu.o`.
      if (!members.includes(word)) return;
    }
    const local = word.startsWith(`${directory}/`) ? normalizePath(word) : at(word);
    this.#object(local.slice(0, -2), from.rules);
  }

  #object(stem: string, rules: readonly Rule[]): void {
    const own = ['.c', '.S', '.rs'].map((extension) => stem + extension).filter((path) => this.#tree.has(path));
    const found =
      own.length > 0 ? own : ['.o', '.c', '.S'].flatMap((extension) => this.#prerequisites(stem + extension, rules));
    for (const path of found) this.#sources.add(path);
  }

  /** Sources that a rule names for what lies nowhere: `$(obj)/relo_core.o: $(srctree)/tools/lib/bpf/relo_core.c`. */
  #prerequisites(target: string, rules: readonly Rule[]): readonly string[] {
    return rules.flatMap(({ targets, prerequisites }) =>
      targets.flatMap((pattern) => {
        const stem = stemOf(target, pattern);
        if (stem === undefined) return [];
        return prerequisites
          .map((path) => normalizePath(path.replace('%', () => stem)))
          .filter((path) => /\.(c|S|rs)$/.test(path) && this.#tree.has(path));
      }),
    );
  }
}

/**
 * Objects in lists that Kbuild does not know (`vobjs-y` of the vDSO): rules of the makefile itself build them. The members of a
 * composite object are left out, for they are built only with it.
 */
function looseObjects(scope: MakeScope, statements: readonly Statement[]): readonly string[] {
  const named = statements.flatMap((statement) => (statement.kind === 'assign' ? wordsOf(statement.value) : []));
  const composites = new Set(named.filter((word) => word.endsWith('.o')).map((word) => word.slice(0, -2)));
  return [...scope.names()]
    .filter((name) => /-(y|m|objs)$/.test(name) && !OBJECT_LISTS.includes(name))
    .filter((name) => !composites.has(name.replace(/-(y|m|objs)$/, '')))
    .flatMap((name) => wordsOf(scope.value(name)))
    .filter((word) => word.endsWith('.o'));
}
