import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSnapshot } from '../../src/advisories/open-snapshot.ts';
import type { Snapshot } from '../../src/advisories/snapshot.ts';
import { openImage } from '../../src/images/open-image.ts';
import { matchPackages } from '../../src/matching/match-packages.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { LayerSource } from '../../src/model/layer.ts';
import { findingsOf } from '../../src/scan/findings.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { openState } from '../../src/state/open-state.ts';
import type { State } from '../../src/state/state.ts';
import { projectFeatures } from '../../src/wire/clair-v1/project-feature.ts';
import type { ClairLayer } from '../../src/wire/clair-v1/types.ts';
import { type LayersUnderTest, layersUnderTest, openLayer } from '../posted-layers.ts';
import { advisoryDatabase, sharedData } from './shared-data.ts';

const shared = sharedData();
const NOW = new Date('2026-01-15T00:00:00Z');

interface ManifestEntry {
  readonly name: string;
  readonly file: string;
  readonly arch: string;
}

/** Images that no scan gets through. */
const REFUSED = ['damaged-truncated', 'damaged-digest', 'hostile-bomb'];

/** Packages, and no file that says of which distribution: Clair's API refuses such a layer, a scan lists them. */
const WITHOUT_DISTRIBUTION = ['eldk30-rpmdb-bdb8'];

const images: readonly ManifestEntry[] = shared
  ? (JSON.parse(readFileSync(join(shared.un, 'images/manifest.json'), 'utf8')) as ManifestEntry[]).filter(
      ({ name }) => !REFUSED.includes(name),
    )
  : [];

describe.skipIf(!shared)('layers posted one by one, and the image scanned as a whole', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cvescan-posted-images-'));
  let snapshot: Snapshot;
  let state: State;
  let started: LayersUnderTest;
  beforeAll(async () => {
    snapshot = openSnapshot(advisoryDatabase());
    state = await openState({ type: 'sqlite', file: join(directory, 'state.sqlite') });
    started = layersUnderTest({ state, now: () => NOW, pin: () => ({ snapshot, [Symbol.dispose]: () => {} }) });
  });
  afterAll(async () => {
    await started[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
    snapshot.close();
    rmSync(directory, { recursive: true });
  });

  for (const { name, file, arch } of images) {
    test(file, async () => {
      const target = join(shared!.un, 'images', file);
      const platform = arch.includes('+') ? { platform: 'linux/amd64' } : {};
      using image = await openImage(target, platform);
      if (WITHOUT_DISTRIBUTION.includes(name)) {
        await expect(postAll(image.layers, file)).rejects.toMatchObject({ code: 'layer.unsupported' });
        return;
      }
      const names = await postAll(image.layers, file);
      const layer = await started.get(names.at(-1)!, 'vulnerabilities');
      const inventory = await takeInventory(target, platform);
      expect(shownOf(layer)).toEqual(shownOfScan(inventory, names));
    });
  }

  async function postAll(layers: readonly LayerSource[], image: string): Promise<readonly string[]> {
    const names = layers.map((_, index) => `${image} ${index}`);
    for (const [index, { content }] of layers.entries()) {
      if (content.kind !== 'tar') throw new Error('a directory cannot be posted');
      const path = join(directory, 'layer');
      const { file, offset, sizeBytes } = content;
      if (sizeBytes > 0)
        await pipeline(createReadStream(file, { start: offset, end: offset + sizeBytes - 1 }), createWriteStream(path));
      const name = names[index]!;
      const parentName = names[index - 1];
      const signal = new AbortController().signal;
      const wish = { name, format: 'Docker', ...(parentName !== undefined && { parentName }) };
      await started.layers.post(wish, async () => openLayer(path), signal);
    }
    return names;
  }

  /** What a scan finds, of what is named by advisories, in the words of the API. */
  function shownOfScan(inventory: Inventory, names: readonly string[]): readonly string[] {
    const indexOf = new Map(inventory.layers.toReversed().map(({ digest, index }) => [digest, index]));
    const matching = matchPackages(inventory.packages, snapshot, {
      now: NOW,
      ...(inventory.repositoryCpes && { repositoryCpes: inventory.repositoryCpes }),
    });
    const findings = findingsOf(matching, inventory.layers).filter(
      ({ status, confidence }) => status === 'affected' && confidence === undefined,
    );
    const findingsByPackage = Map.groupBy(findings, ({ packageId }) => packageId);
    const shown = projectFeatures(inventory.packages).flatMap(({ feature, packages }) => {
      const about = `${feature.NamespaceName} ${feature.Name} ${feature.Version}`;
      const found = packages.flatMap(({ id }) => findingsByPackage.get(id) ?? []);
      return [
        `${about} by ${names[indexOf.get(feature.AddedBy ?? '') ?? -1]}`,
        ...found.map((it) => `${about} ${it.vulnerability.id} ${it.severity.word} ${it.fixedVersions.at(-1)}`),
      ];
    });
    return [...new Set(shown)].sort();
  }
});

function shownOf({ Features = [] }: ClairLayer): readonly string[] {
  const shown = Features.flatMap(({ NamespaceName, Name, Version, AddedBy, Vulnerabilities = [] }) => {
    const about = `${NamespaceName} ${Name} ${Version}`;
    return [
      `${about} by ${AddedBy}`,
      ...Vulnerabilities.map((it) => `${about} ${it.Name} ${it.Severity?.toLowerCase()} ${it.FixedBy}`),
    ];
  });
  return [...new Set(shown)].sort();
}
