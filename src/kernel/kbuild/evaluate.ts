import { ScannerError } from '../../model/errors.ts';
import { normalizePath } from '../align-paths.ts';
import type { Tree } from '../tree.ts';
import { UNKNOWN } from './make-functions.ts';
import { DEFAULT_MAKE_LIMITS, type MakeLimits, MakeScope, type StepCount } from './make-scope.ts';
import { stemOf, wordsOf } from './make-text.ts';
import type { Statement } from './makefile.ts';
import { Makefiles, NOT_KERNEL } from './makefiles.ts';
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
 * @throws ScannerError `kernel.limit-exceeded`; `kernel.implausible`: a makefile is missing between others.
 * Source: Documentation/kbuild/makefiles.rst and scripts/Makefile.{build,lib} of Linux 4.19 to 6.12.
 */
export async function compiledSources(
  tree: Tree,
  build: KernelBuild,
  limits: MakeLimits = DEFAULT_MAKE_LIMITS,
): Promise<readonly string[]> {
  return evaluateMakefiles(await Makefiles.read(tree), tree, build, limits);
}

/** The same with makefiles that are read already. */
export function evaluateMakefiles(
  makefiles: Makefiles,
  tree: Pick<Tree, 'paths' | 'has'>,
  build: KernelBuild,
  limits: MakeLimits = DEFAULT_MAKE_LIMITS,
): readonly string[] {
  return new Evaluation(tree, makefiles, build, { steps: 0, limits }).run();
}

class Evaluation {
  readonly #sources = new Set<string>();
  readonly #visited = new Set<string>();
  readonly #tree: Pick<Tree, 'paths' | 'has'>;
  readonly #makefiles: Makefiles;
  readonly #build: KernelBuild;
  readonly #count: StepCount;

  constructor(tree: Pick<Tree, 'paths' | 'has'>, makefiles: Makefiles, build: KernelBuild, count: StepCount) {
    this.#tree = tree;
    this.#makefiles = makefiles;
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

  readonly #load = (path: string): readonly Statement[] | undefined => this.#makefiles.statements(path);

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
    if (!statements) {
      this.#refuseHoles(directory);
      return;
    }
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

  /** Below a folder without its makefile nothing is reached, though it may be compiled. @throws ScannerError `kernel.implausible`. */
  #refuseHoles(directory: string): void {
    const below = directory === '' ? '' : `${directory}/`;
    const makefile = this.#tree.paths.find((path) => path.startsWith(below) && /\/(?:Makefile|Kbuild)$/.test(path));
    if (directory === '' || NOT_KERNEL.test(below) || makefile === undefined) return;
    throw new ScannerError(
      'kernel.implausible',
      `what is compiled cannot be told: the makefile of ${directory} is not at hand, and ${makefile} hangs on it`,
      { directory },
    );
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

/** `obj-$(CONFIG_X)`, `masterkey-y`: what Kbuild reads itself, or what is part of such a list. */
const LIST = /^[^\s]*-(?:y|m|objs|\$.*)$/;

/**
 * Objects in lists that Kbuild does not know (`vobjs-y` of the vDSO): rules of the makefile itself build them. Left out are lists that
 * nothing uses, and those that only other lists do, for they are built with those.
 */
function looseObjects(scope: MakeScope, statements: readonly Statement[]): readonly string[] {
  const used = new Set<string>();
  const composites = new Set<string>();
  for (const statement of statements) {
    const text = textOf(statement);
    for (const word of wordsOf(text)) if (word.endsWith('.o')) composites.add(word.slice(0, -2));
    if (statement.kind === 'assign' && LIST.test(statement.name)) continue;
    for (const [, name = ''] of text.matchAll(/\$[({]([\w.+-]+-(?:y|m|objs))(?=[:)}])/g)) used.add(name);
  }
  return [...used]
    .filter((name) => !OBJECT_LISTS.includes(name) && !composites.has(name.replace(/-(y|m|objs)$/, '')))
    .flatMap((name) => wordsOf(scope.value(name)))
    .filter((word) => word.endsWith('.o'));
}

function textOf(statement: Statement): string {
  if (statement.kind === 'assign') return statement.value;
  if (statement.kind === 'text') return statement.text;
  return statement.kind === 'rule' ? [statement.targets, statement.prerequisites, ...statement.recipe].join(' ') : '';
}
