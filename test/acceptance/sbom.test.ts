import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../src/inventory/read-document.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { cyclonedxJsonFormat } from '../../src/reports/inventory-formats/cyclonedx-json.ts';
import { spdxJsonFormat } from '../../src/reports/inventory-formats/spdx-json.ts';
import { reportInventory } from '../../src/scan/inventory-report.ts';
import { takeInventory } from '../../src/scan/take-inventory.ts';
import { sharedData } from './shared-data.ts';

const shared = sharedData();
const sbom = shared ? join(shared.un, 'sbom') : '';
const images = shared ? join(shared.un, 'images') : '';
const inventories = shared ? join(shared.un, 'kernel/inventories') : '';

const DAMAGED = ['damaged-digest', 'damaged-truncated', 'hostile-bomb'];
const context = { color: false, columns: undefined, now: new Date('2026-08-01T00:00:00Z') };

function render(format: typeof cyclonedxJsonFormat, inventory: Inventory): Buffer {
  return Buffer.from([...format.render(reportInventory(inventory), context)].join(''));
}

describe.skipIf(!shared)('the SBOM of an image is the same inventory as the image', () => {
  const manifest: readonly { readonly name: string; readonly file: string }[] = shared
    ? JSON.parse(readFileSync(join(images, 'manifest.json'), 'utf8'))
    : [];
  for (const { name, file } of manifest) {
    if (DAMAGED.includes(name)) continue;
    for (const layers of ['squashed', 'all'] as const) {
      test(`${file}, ${layers}`, async () => {
        const image = await takeInventory(join(images, file), { layers });
        for (const format of [cyclonedxJsonFormat, spdxJsonFormat]) {
          const read = await readDocument('sbom', render(format, image));
          expect(read.packages).toEqual(image.packages);
          expect(read.layers).toEqual(image.layers);
          expect(read.namespace).toEqual(image.namespace);
          expect(read.repositoryCpes).toEqual(image.repositoryCpes);
          expect(read.problems).toEqual([]);
        }
      });
    }
  }
});
