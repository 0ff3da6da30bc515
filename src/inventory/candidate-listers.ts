import type { PackageLister } from './lister.ts';

/**
 * Sorts listers by the file names that they state.
 *
 * @returns which of them are to be asked about a path. Called for every path of an image: it makes nothing but the two names.
 */
export function candidateListers(listers: readonly PackageLister[]): (path: string) => readonly PackageLister[] {
  const always = listers.filter(({ fileNames, wantsForOwnedPaths }) => !fileNames || wantsForOwnedPaths);
  const named = new Set(listers.flatMap(({ fileNames = [] }) => fileNames));
  const byName = new Map(
    [...named].map((name) => {
      // A file of an exact name has its ending too.
      const names = [name, endingOf(name)];
      return [name, listers.filter((it) => always.includes(it) || it.fileNames?.some((own) => names.includes(own)))];
    }),
  );
  return (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return byName.get(name) ?? byName.get(endingOf(name)) ?? always;
  };
}

/** `*.jar` of `a.jar`; the name itself where it has no ending. */
function endingOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? name : `*${name.slice(dot)}`;
}
