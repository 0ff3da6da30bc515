import { cyclonedxInventory } from '../cyclonedx-packages.ts';
import type { TextReader } from '../reader.ts';

/** CycloneDX 1.2 to 1.7 in XML. Source: https://cyclonedx.org/docs/1.7/xml/. */
export const cyclonedxXmlReader: TextReader = {
  name: 'cyclonedx-xml',
  title: 'CycloneDX 1.2 to 1.7, XML',
  form: 'xml',
  recognises: (head) => /<(?:[\w.-]+:)?bom[\s>]/.test(head) && head.includes('cyclonedx.org/schema/bom'),

  async read(text, context) {
    // XML is rare here: its parser is loaded when it comes.
    const { parseCycloneDxXml } = await import('../../documents/cyclonedx-xml.ts');
    return cyclonedxInventory(parseCycloneDxXml(text), context);
  },
};
