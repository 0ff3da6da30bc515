import { parseSpdxTagValue } from '../../documents/spdx-tag-value.ts';
import type { TextReader } from '../reader.ts';
import { spdxInventory } from '../spdx-packages.ts';

/** SPDX 2.2 and 2.3 as tag: value lines. Source: https://spdx.github.io/spdx-spec/v2.3/conformance/. */
export const spdxTagValueReader: TextReader = {
  name: 'spdx-tag-value',
  title: 'SPDX 2.2 and 2.3, tag: value',
  form: 'text',
  recognises: (head) => /^SPDXVersion:[ \t]*SPDX-2/m.test(head),
  read: (text, context) => spdxInventory(parseSpdxTagValue(text), context),
};
