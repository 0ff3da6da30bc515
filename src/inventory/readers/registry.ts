import type { InventoryReader } from '../reader.ts';
import { buildrootShowInfoReader } from './buildroot-show-info.ts';
import { cpeReader } from './cpe.ts';
import { cvescanReader } from './cvescan.ts';
import { cyclonedxJsonReader } from './cyclonedx-json.ts';
import { cyclonedxXmlReader } from './cyclonedx-xml.ts';
import { openwrtManifestReader } from './openwrt-manifest.ts';
import { purlReader } from './purl.ts';
import { spdxJsonReader } from './spdx-json.ts';
import { spdxTagValueReader } from './spdx-tag-value.ts';
import { spdx3JsonReader } from './spdx3-json.ts';
import { syftJsonReader } from './syft-json.ts';
import { yoctoCveCheckReader } from './yocto-cve-check.ts';
import { yoctoCveCheckTextReader } from './yocto-cve-check-text.ts';
import { yoctoSpdxReader } from './yocto-spdx.ts';

/** All readers of documents. A document is the first one's that recognises it: marks before shapes. */
export const readers: readonly InventoryReader[] = [
  cyclonedxJsonReader,
  cyclonedxXmlReader,
  spdxJsonReader,
  spdxTagValueReader,
  spdx3JsonReader,
  yoctoSpdxReader,
  syftJsonReader,
  yoctoCveCheckReader,
  yoctoCveCheckTextReader,
  cvescanReader,
  purlReader,
  cpeReader,
  openwrtManifestReader,
  buildrootShowInfoReader,
];
