import { normalizePath } from '../align-paths.ts';
import type { Tree } from '../tree.ts';
import type { KernelBuild } from './evaluate.ts';

/** What compiled files bring in. */
export interface IncludedFiles {
  /** The given sources and those that they include: `kernel/sched/rt.c`. Sorted. */
  readonly sources: readonly string[];
  /** Everything else they include. Sorted. */
  readonly headers: readonly string[];
  /** The content of every source was at hand: what is not here is not included. */
  readonly isComplete: boolean;
}

const SOURCE = /\.(c|S|rs)$/;
const INCLUDE = /^[ \t]*#[ \t]*include(?:_next)?[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>|(\w+))/gm;
/** What stands for a file elsewhere: `#define TRACE_FILE "x.h"`. */
const NAMED_FILE = /^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(?:"([\w./+-]+\.[chS])"|<([\w./+-]+\.[chS])>)/gm;
const ASSEMBLER_INCLUDE = /^[ \t]*\.include[ \t]+"([^"\n]+)"/gm;
const RUST_MODULE = /^[ \t]*(?:pub(?:\([^)]*\))?[ \t]+)?mod[ \t]+(\w+)[ \t]*;|#\[path[ \t]*=[ \t]*"([^"]+)"\]/gm;

/** No folder of these is looked into for what is found nowhere else. */
const APART = /^(tools|scripts|samples|Documentation)\//;

/** Files read at once: enough to keep git at work; the largest headers have 24 MB. */
const BATCH = 8;

/**
 * Follows `#include` from compiled sources. Conditions are not looked at, and a name that is found in no folder for headers stands for
 * every file of the tree that ends so: too many are included rather than too few.
 */
export async function includedFiles(
  tree: Tree,
  compiled: readonly string[],
  build: KernelBuild,
): Promise<IncludedFiles> {
  const search = new IncludeSearch(tree, build);
  const reached = new Set(compiled);
  let isComplete = true;
  let frontier = [...compiled];
  while (frontier.length > 0) {
    const next: string[] = [];
    for (let at = 0; at < frontier.length; at += BATCH) {
      const paths = frontier.slice(at, at + BATCH);
      const texts = await Promise.all(paths.map((path) => tree.read(path)));
      for (const [index, path] of paths.entries()) {
        const text = texts[index];
        if (text === undefined) isComplete = false;
        else next.push(...search.filesIn(path, text));
      }
    }
    frontier = [];
    for (const path of next) {
      if (reached.has(path)) continue;
      reached.add(path);
      frontier.push(path);
    }
  }
  const all = [...reached].sort();
  return {
    sources: all.filter((path) => SOURCE.test(path)),
    headers: all.filter((path) => !SOURCE.test(path)),
    isComplete,
  };
}

class IncludeSearch {
  readonly #tree: Tree;
  readonly #symbols: KernelBuild['symbols'];
  readonly #roots: readonly string[];
  readonly #byName = new Map<string, string[]>();
  /** Files that a macro may stand for, and macros that files were asked for by. */
  readonly #macros = new Map<string, Set<string>>();
  readonly #askedMacros = new Set<string>();

  constructor(tree: Tree, { srcArch, symbols }: KernelBuild) {
    this.#tree = tree;
    this.#symbols = symbols;
    // User-mode Linux is built of the host's headers too.
    const architectures = srcArch === 'um' ? ['um', 'x86'] : [srcArch];
    const own = architectures.flatMap((arch) => [`arch/${arch}/include/`, `arch/${arch}/include/uapi/`]);
    this.#roots = [...own, 'include/', 'include/uapi/'];
    const isOther = (path: string) =>
      path.startsWith('arch/') && !architectures.some((arch) => path.startsWith(`arch/${arch}/`));
    for (const path of tree.paths) {
      if (APART.test(path) || isOther(path)) continue;
      const name = path.slice(path.lastIndexOf('/') + 1);
      const paths = this.#byName.get(name);
      if (paths) paths.push(path);
      else this.#byName.set(name, [path]);
    }
  }

  filesIn(path: string, text: string): readonly string[] {
    if (path.endsWith('.rs')) return this.#modules(path, text);
    const found: string[] = [];
    for (const [, macro = '', quoted, bracketed] of text.matchAll(NAMED_FILE)) {
      const file = quoted ?? bracketed ?? '';
      // Copies: a part of a text keeps all of it in memory.
      const name = copyOf(macro);
      this.#macros.set(name, (this.#macros.get(name) ?? new Set()).add(copyOf(file)));
      if (this.#askedMacros.has(macro)) found.push(...this.#resolve(path, file));
    }
    for (const [, quoted, bracketed, macro] of text.matchAll(INCLUDE)) {
      if (macro !== undefined) found.push(...this.#namedBy(path, macro));
      else if (quoted !== undefined) found.push(...this.#resolve(path, quoted));
      else if (bracketed !== undefined) found.push(...this.#resolve('', bracketed));
    }
    if (path.endsWith('.S')) {
      for (const [, file = ''] of text.matchAll(ASSEMBLER_INCLUDE)) found.push(...this.#resolve(path, file));
    }
    return found;
  }

  #namedBy(path: string, macro: string): readonly string[] {
    if (macro.startsWith('CONFIG_')) return this.#resolve(path, this.#symbols[macro.slice(7)] ?? '');
    this.#askedMacros.add(copyOf(macro));
    return [...(this.#macros.get(macro) ?? [])].flatMap((file) => this.#resolve(path, file));
  }

  #resolve(from: string, name: string): readonly string[] {
    if (name === '') return [];
    const folder = from.slice(0, from.lastIndexOf('/') + 1);
    const beside = normalizePath(folder + name);
    if (from !== '' && this.#tree.has(beside)) return [beside];
    const roots = name.startsWith('asm/')
      ? [name, name.replace(/^asm\//, 'asm-generic/')].flatMap((file) => this.#roots.map((root) => root + file))
      : this.#roots.map((root) => root + name);
    const found = roots.map(normalizePath).filter((path) => this.#tree.has(path));
    if (found.length > 0) return found;
    const clean = normalizePath(name).replace(/^(?:\.\.\/)+/, '');
    const paths = this.#byName.get(clean.slice(clean.lastIndexOf('/') + 1)) ?? [];
    return paths.filter((path) => path === clean || path.endsWith(`/${clean}`));
  }

  #modules(path: string, text: string): readonly string[] {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const stem = path.slice(folder.length, -'.rs'.length);
    const found: string[] = [];
    for (const [, name, file] of text.matchAll(RUST_MODULE)) {
      const inside = ['lib', 'mod', 'main'].includes(stem) ? [folder] : [folder, `${folder}${stem}/`];
      const names = file === undefined ? [`${name}.rs`, `${name}/mod.rs`] : [file];
      found.push(...inside.flatMap((place) => names.map((each) => normalizePath(place + each))));
    }
    return found.filter((each) => this.#tree.has(each));
  }
}

const copyOf = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
