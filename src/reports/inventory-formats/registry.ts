import type { InventoryFormat } from '../inventory-format.ts';
import { cvescanFormat } from './cvescan.ts';
import { cyclonedxJsonFormat } from './cyclonedx-json.ts';
import { cyclonedxXmlFormat } from './cyclonedx-xml.ts';
import { jsonFormat } from './json.ts';
import { purlFormat } from './purl.ts';
import { spdxJsonFormat } from './spdx-json.ts';
import { tableFormat } from './table.ts';

/** All inventory formats, in the order of `--help`; the first is the default. */
export const inventoryFormats: readonly [InventoryFormat, ...InventoryFormat[]] = [
  tableFormat,
  jsonFormat,
  cyclonedxJsonFormat,
  cyclonedxXmlFormat,
  spdxJsonFormat,
  purlFormat,
  cvescanFormat,
];
