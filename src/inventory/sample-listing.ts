import { candidateListers } from './candidate-listers.ts';
import { layerFileOf, listFile } from './lister.contract.ts';
import type { PackageLister } from './lister.ts';

/** What a lister makes of one file, as tests write it: `name version`, `name` without one, with `dev` where it is marked. */
export async function sampleListing(lister: PackageLister, path: string, content: string | Uint8Array) {
  const { packages, problems } = await listFile(lister, layerFileOf(path, content));
  return {
    packages: packages.map(({ name, version, properties }) =>
      [name, version, properties?.development === 'true' ? 'dev' : ''].filter((word) => word !== '').join(' '),
    ),
    problems: problems.map(({ code, message }) => `${code} ${message}`),
  };
}

/** Whether a lister reads a file of this path. */
export function isWantedBy(lister: PackageLister, path: string): boolean {
  return candidateListers([lister])(path).some((it) => it.wants(layerFileOf(path, '')));
}
