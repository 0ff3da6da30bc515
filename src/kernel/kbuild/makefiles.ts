import type { Tree } from '../tree.ts';
import { parseMakefile, type Statement } from './makefile.ts';

/** Files that Kbuild may include; the others are never read. Vendors set symbols in `.conf` files. */
const MAKEFILE = /(^|\/)(Makefile|Kbuild|Platform)([.-][^/]*)?$|\.(mk|mak|conf|include)$/;

/** What these define are commands and questions to the compiler; other programs than the kernel are built by them. */
export const NOT_KERNEL = /^(scripts|tools|Documentation)\//;

/** All makefiles of a tree, each parsed when it is first asked for. */
export class Makefiles {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #parsed = new Map<string, readonly Statement[]>();

  private constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts;
  }

  static async read(tree: Tree): Promise<Makefiles> {
    const texts = new Map<string, string>();
    for (const path of tree.paths) {
      if (!MAKEFILE.test(path) || NOT_KERNEL.test(path)) continue;
      const text = await tree.read(path);
      if (text !== undefined) texts.set(path, text);
    }
    return new Makefiles(texts);
  }

  /** Sorted. */
  paths(): Iterable<string> {
    return this.#texts.keys();
  }

  /** undefined where there is no such makefile, or the kernel is not built by it. */
  statements(path: string): readonly Statement[] | undefined {
    const text = this.#texts.get(path);
    if (text === undefined) return undefined;
    const statements = this.#parsed.get(path) ?? parseMakefile(text);
    this.#parsed.set(path, statements);
    return statements;
  }
}
