// What stored layers take on disk: chains of 10, 200 packages each, 5 of them changed by each layer.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveOf } from '../src/server/layers/chain-inventory.ts';
import { encodeListing } from '../src/server/layers/stored-listing.ts';
import { insertLayer } from '../src/state/layer-rows.ts';
import { openState } from '../src/state/open-state.ts';

const LAYERS = 10_000;
const CHAIN = 10;
const PACKAGES = 200;
const CHANGED = 5;

/** Stores layers as the server does, and prints what 100,000 of them would take. */
export async function benchStoredLayers({ print }) {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-bench-layers-'));
  const file = join(directory, 'state.sqlite');
  const state = await openState({ type: 'sqlite', file });
  const start = performance.now();
  let parentId = null;
  let chain = [];
  let versions = [];
  for (let layer = 0; layer < LAYERS; layer++) {
    if (layer % CHAIN === 0) {
      parentId = null;
      chain = [];
      versions = new Array(PACKAGES).fill(layer % 50);
    } else for (let each = 0; each < CHANGED; each++) versions[(layer * 7 + each * 31) % PACKAGES]++;
    chain.push({ name: `layer-${layer}`, listing: listingOf(layer, versions) });
    const analysed = { ...deriveOf(chain), ...encodeListing(chain.at(-1).listing), analyserVersion: 'bench' };
    const parent = parentId;
    parentId = await state.write((tx) =>
      insertLayer(state, tx, { name: `layer-${layer}`, parentId: parent, analysed }),
    );
  }
  const wallMs = performance.now() - start;
  await state[Symbol.asyncDispose]();
  const mb = (statSync(file).size * 100_000) / LAYERS / 1e6;
  rmSync(directory, { recursive: true, force: true });
  print([
    `${LAYERS} stored layers (chains of ${CHAIN}, ${PACKAGES} packages, ${CHANGED} changed by each)`,
    `${(wallMs / LAYERS).toFixed(1)} ms a layer`,
    `${Math.round(mb)} MB on disk for 100,000`,
    '',
    '',
  ]);
}

function listingOf(layer, versions) {
  const packages = versions.map((version, index) => packageOf(index, `1.${version}.${index}-1+deb12u${version % 7}`));
  return {
    files: [{ path: 'var/lib/dpkg/status', lister: 'dpkg', packages, problems: [] }],
    texts: layer % CHAIN === 0 ? [['etc/os-release', 'ID=debian\nVERSION_ID=12\n']] : [],
    walk: {
      ...{ whiteouts: [], opaqueDirectories: [], symlinks: [], problems: [] },
      ...{ nonDirectories: Float64Array.from({ length: 20 }, (_, file) => layer * 1000 + file) },
      ...{ verification: 'not_verified', fileCount: 20, uncompressedBytes: 1_000_000 },
    },
    aliases: [],
  };
}

function packageOf(index, version) {
  const source = { name: `source-${index >> 1}`, version };
  return { name: `package-${index}`, version, versionScheme: 'dpkg', type: 'deb', arch: 'amd64', source };
}
