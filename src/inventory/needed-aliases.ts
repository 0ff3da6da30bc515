import type { LayerFileHead } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import type { FileTree } from './file-tree.ts';
import type { PathAlias } from './layer-listing.ts';
import type { PackageLister } from './lister.ts';
import { listers as allListers } from './listers/registry.ts';
import { isNamespacePath, NAMESPACE_FILES } from './namespace-paths.ts';

/** No image leads its databases astray so often; a hostile one could make every path of a layer be asked for thousands of times. */
export const MAX_ALIASES = 64;

/**
 * The fixed paths that plugins want and symlinks of the merged file system lead to places that nobody wants by themselves.
 *
 * @returns what must be read under another path, at most `MAX_ALIASES`; and the paths that lead in circles or are above that
 *   limit, with what is wrong. Each sorted.
 */
export function neededAliases(
  tree: FileTree<unknown>,
  listers: readonly PackageLister[] = allListers,
): { readonly aliases: readonly PathAlias[]; readonly problems: readonly Problem[] } {
  const aliases: PathAlias[] = [];
  const circular = new Set<string>();
  const look = (path: string, isWanted: (realPath: string) => boolean) => {
    const realPath = tree.resolve(path);
    if (realPath === undefined) circular.add(path);
    else if (realPath !== path && !isWanted(realPath)) aliases.push({ path, realPath });
  };

  for (const path of NAMESPACE_FILES) look(path, isNamespacePath);
  for (const lister of listers) {
    const directories = lister.databaseDirectories ?? [];
    for (const directory of directories) {
      look(directory, (realPath) => directories.includes(realPath));
      for (const rest of tree.symlinksBelow(directory))
        look(`${directory}/${rest}`, (realPath) => lister.wants(headOf(realPath)));
    }
  }
  const sorted = aliases.sort(byPath);
  return {
    aliases: sorted.slice(0, MAX_ALIASES),
    problems: [...[...circular].sort().map(circularPath), ...sorted.slice(MAX_ALIASES, MAX_ALIASES + 1).map(tooMany)],
  };
}

function circularPath(path: string): Problem {
  return { code: 'overlay.circular-symlinks', message: 'symlinks lead in circles: what lies there is not read', path };
}

function tooMany({ path }: PathAlias): Problem {
  const message = `package databases lie behind more symlinks than MAX_ALIASES (${MAX_ALIASES}); from here on they are not read`;
  return { code: 'overlay.too-many-symlinks', message, path };
}

function headOf(path: string): LayerFileHead {
  return { path, mode: 0o644, sizeBytes: 0, head: new Uint8Array() };
}

function byPath(a: PathAlias, b: PathAlias): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
