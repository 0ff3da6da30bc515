import type { Tree } from './tree.ts';

/** Folders and files that mainline moved, as they are named now and as they were. Source: the history of Linux 5.10 to 6.18. */
const MOVES: readonly (readonly [now: string, before: string])[] = [
  ['drivers/pmdomain/', 'drivers/soc/'],
  ['drivers/pmdomain/', 'drivers/genpd/'],
  ['drivers/crypto/intel/', 'drivers/crypto/'],
  ['drivers/accel/', 'drivers/misc/'],
  ['fs/smb/client/', 'fs/cifs/'],
  ['fs/smb/server/', 'fs/ksmbd/'],
  ['fs/smb/common/', 'fs/smbfs_common/'],
  ['sound/hda/codecs/', 'sound/pci/hda/'],
  ['sound/hda/common/', 'sound/pci/hda/'],
  ['sound/hda/controllers/', 'sound/pci/hda/'],
  ['sound/hda/core/', 'sound/hda/'],
  ['drivers/net/team/team_core.c', 'drivers/net/team/team.c'],
  ['io_uring/', 'fs/'],
  ['lib/crypto/', 'arch/'],
  ['kernel/module/', 'kernel/'],
  ['drivers/net/wireless/silabs/', 'drivers/staging/'],
];

/** Names that say nothing of what is in the file. */
const COMMON = new Set([
  'core.c',
  'main.c',
  'init.c',
  'common.c',
  'driver.c',
  'device.c',
  'debugfs.c',
  'irq.c',
  'utils.c',
]);

const byName = new WeakMap<object, ReadonlyMap<string, readonly string[]>>();

/**
 * Where the tree may have a file that it lacks under a path: known moves, then files of the same name that share a folder's name.
 * They are places to look at, and prove nothing.
 *
 * @returns sorted, at most `maxCount`.
 */
export function possiblePlaces(path: string, tree: Pick<Tree, 'paths' | 'has'>, maxCount = 5): readonly string[] {
  const known = MOVES.filter(([now]) => path.startsWith(now))
    .map(([now, before]) => before + path.slice(now.length))
    .filter((place) => tree.has(place));
  if (known.length > 0) return [...new Set(known)].sort();
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (COMMON.has(name)) return [];
  const folders = new Set(path.split('/').slice(0, -1));
  return (namesOf(tree).get(name) ?? [])
    .filter((place) =>
      place
        .split('/')
        .slice(0, -1)
        .some((folder) => folders.has(folder)),
    )
    .slice(0, maxCount);
}

/** Paths by their last name; a tree is indexed when something is missing from it. */
function namesOf(tree: Pick<Tree, 'paths'>): ReadonlyMap<string, readonly string[]> {
  const known = byName.get(tree);
  if (known) return known;
  const names = new Map<string, string[]>();
  for (const path of tree.paths) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const paths = names.get(name);
    if (paths) paths.push(path);
    else names.set(name, [path]);
  }
  byName.set(tree, names);
  return names;
}
