import { insertLayer, type PackageRow } from '../src/state/layer-rows.ts';
import type { State } from '../src/state/state.ts';

/** A package of Debian 12 as state keeps it, built from a source of the same version. */
export function debianPackage(name: string, version: string, source = name, namespace = 'debian:12'): PackageRow {
  return {
    ...{ type: 'deb', scheme: 'dpkg', namespace, name, version, arch: 'amd64', module: '' },
    ...(source === name ? { source_name: '', source_version: '' } : { source_name: source, source_version: version }),
  };
}

/** Stores a layer that brings packages, as if it had been posted. @returns its number. */
export function storeLayer(
  state: State,
  name: string,
  { added, parentId = null }: { readonly added: readonly PackageRow[]; readonly parentId?: number | null },
): Promise<number> {
  const analysed = { analyserVersion: 'test', namespace: 'debian:12', walk: new Uint8Array(), files: [], added };
  return state.write((tx) => insertLayer(state, tx, { name, parentId, analysed }));
}
