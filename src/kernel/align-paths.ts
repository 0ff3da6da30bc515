/** Of each row every kernel compiles one, whatever its configuration. */
export const ALWAYS_COMPILED: readonly (readonly string[])[] = [
  ['init/main.c'],
  ['kernel/fork.c'],
  ['mm/memory.c', 'mm/nommu.c'],
];

/**
 * Brings paths to those of a tree: builders write `./init/main.c`, `linux-6.6/init/main.c` or `/usr/src/kernel/init/main.c`. What
 * lies before `init/main.c`, `kernel/fork.c` and `mm/memory.c` (`mm/nommu.c`) alike is the root; paths outside it are left out.
 *
 * @returns sorted, each once; the paths as they are (but for `./`) where there is no such root, or more than one.
 */
export function alignPaths(paths: Iterable<string>): readonly string[] {
  const known = new Set<string>();
  for (const path of paths) {
    const clean = normalizePath(path.trim());
    if (clean !== '') known.add(clean);
  }
  const roots = [...known]
    .filter((path) => path === 'init/main.c' || path.endsWith('/init/main.c'))
    .map((path) => path.slice(0, -'init/main.c'.length))
    .filter((root) => ALWAYS_COMPILED.every((row) => row.some((path) => known.has(root + path))));
  const [root, second] = roots;
  if (root === undefined || second !== undefined || root === '') return [...known].sort();
  return [...known]
    .filter((path) => path.startsWith(root))
    .map((path) => path.slice(root.length))
    .sort();
}

/** `a/./b/../c` is `a/c`; leading `..` and `/` stay, for they lead out of the tree. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && !['', '..'].includes(parts.at(-1) as string)) parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
