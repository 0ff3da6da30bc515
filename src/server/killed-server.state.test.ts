import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { layerTar } from '../../test/posted-layers.ts';
import { type SpawnedServer, spawnServer } from '../../test/spawn-server.ts';
import { describeState } from '../state/state.contract.ts';

const LAYER_COUNT = 200;
const PACKAGE_COUNT = 20;
const AT_ONCE = 8;

const nameOf = (index: number) => `layer-${index}`;
const packages = Array.from({ length: PACKAGE_COUNT }, (_, index) => `package-${index}`);
const status = packages.map((name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1.0-1\n`).join('\n');

/** Chains of ten layers, so that most have a parent. */
const parentOf = (index: number) => (index % 10 === 0 ? undefined : nameOf(index - 1));

describeState('a server that is killed', ({ database }) => {
  test('has every layer that it said it has, and no half one', { timeout: 120_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cvescan-killed-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, 'layer.tar');
    writeFileSync(path, layerTar({ 'etc/os-release': 'ID=debian\nVERSION_ID=12\n', 'var/lib/dpkg/status': status }));
    const options = await database();
    const settings = { clair: { worker: { localpaths: [directory] } } };
    const taken = new Set<number>();
    await using first = await spawnServer(directory, options, settings);
    let killed: Promise<unknown> | undefined;
    await postChains(first, path, (index) => {
      taken.add(index);
      if (taken.size === LAYER_COUNT / 2) killed = first.end('SIGKILL');
    });
    await killed;
    expect(taken.size).toBeLessThan(LAYER_COUNT);

    await using second = await spawnServer(directory, options, settings);
    let storedCount = 0;
    for (let index = 0; index < LAYER_COUNT; index++) {
      const answer = await fetch(`${second.url}/v1/layers/${nameOf(index)}?features`);
      expect([index, answer.status]).toEqual([index, taken.has(index) ? 200 : expect.toBeOneOf([200, 404])]);
      if (answer.status !== 200) continue;
      storedCount++;
      const { Layer } = (await answer.json()) as { Layer: { Features: { Name: string }[]; ParentName?: string } };
      expect(Layer.ParentName).toBe(parentOf(index));
      expect(Layer.Features.map(({ Name }) => Name).sort()).toEqual([...packages].sort());
    }
    expect(storedCount).toBeGreaterThanOrEqual(taken.size);
    // What was in the way of nobody is in nobody's way now.
    const rest = new Set<number>();
    await postChains(second, path, (index) => rest.add(index));
    expect(rest.size).toBe(LAYER_COUNT);
    expect((await second.end('SIGTERM')).code).toBe(0);
  });
});

/** Posts all layers, several chains at once; a chain ends where the server is gone. */
async function postChains(server: SpawnedServer, path: string, onTaken: (index: number) => void): Promise<void> {
  const chains = Array.from({ length: LAYER_COUNT / 10 }, (_, chain) => chain);
  const postChain = async (chain: number): Promise<void> => {
    for (let index = chain * 10; index < chain * 10 + 10; index++) {
      const layer = { Name: nameOf(index), Path: path, Format: 'Docker', ParentName: parentOf(index) };
      const body = JSON.stringify({ Layer: layer });
      const answer = await fetch(`${server.url}/v1/layers`, { method: 'POST', body }).catch(() => undefined);
      if (answer === undefined) return;
      expect([index, answer.status]).toEqual([index, 201]);
      onTaken(index);
    }
  };
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let chain = chains.shift(); chain !== undefined; chain = chains.shift()) await postChain(chain);
    }),
  );
}
