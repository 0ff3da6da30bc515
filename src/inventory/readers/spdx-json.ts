import { isSpdx2 } from '../../documents/spdx.ts';
import type { JsonReader } from '../reader.ts';
import { spdxInventory } from '../spdx-packages.ts';

/**
 * SPDX 2.2 and 2.3 in JSON, also as Syft, Trivy and OpenEmbedded's create-spdx-2.2 write it.
 * Source: https://spdx.github.io/spdx-spec/v2.3/.
 */
export const spdxJsonReader: JsonReader = {
  name: 'spdx-json',
  title: 'SPDX 2.2 and 2.3, JSON',
  form: 'json',
  recognises: isSpdx2,
  read: spdxInventory,
};
