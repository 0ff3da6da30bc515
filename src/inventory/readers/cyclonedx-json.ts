import { isCycloneDx } from '../../documents/cyclonedx.ts';
import { cyclonedxInventory } from '../cyclonedx-packages.ts';
import type { JsonReader } from '../reader.ts';

/**
 * CycloneDX 1.2 to 1.7 in JSON, also as Syft, Trivy, Buildroot's generate-cyclonedx and meta-cyclonedx write it.
 * Source: https://cyclonedx.org/docs/1.7/json/.
 */
export const cyclonedxJsonReader: JsonReader = {
  name: 'cyclonedx-json',
  title: 'CycloneDX 1.2 to 1.7, JSON',
  form: 'json',
  recognises: isCycloneDx,
  read: cyclonedxInventory,
};
