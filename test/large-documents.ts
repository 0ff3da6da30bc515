import { listOf } from './hostile-values.ts';
import { TAR_END, tarEntry } from './tar.ts';

/** A document that is longer than it should be, piece by piece: it is never whole in memory here. */
export type LargeDocument = (sizeBytes: number) => Generator<string | Buffer>;

const PAD = 'x'.repeat(80);

/** `head`, items until the size is reached, `tail`. */
function filled(head: string, item: (n: number) => string, { separator = '', tail = '' } = {}): LargeDocument {
  return function* (sizeBytes) {
    yield head;
    for (let [size, n] = [0, 0]; size < sizeBytes; n += 1000) {
      const piece = listOf(1000, (i) => (n + i > 0 ? separator : '') + item(n + i)).join('');
      size += piece.length;
      yield piece;
    }
    yield tail;
  };
}

const json = (head: string, item: (n: number) => string, tail: string): LargeDocument =>
  filled(head, item, { separator: ',', tail });
const xml = (head: string, item: (n: number) => string, tail: string): LargeDocument =>
  filled(`<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>${head}`, item, {
    tail: `${tail}</components></bom>`,
  });
const pad = (): string => PAD;

/** A tar of documents of a megabyte each. */
function* manyDocuments(sizeBytes: number): Generator<Buffer> {
  for (let n = 0; n * 1024 ** 2 < sizeBytes; n++) {
    const packages = listOf(
      8000,
      (i) => `{"SPDXID":"SPDXRef-Package-${i}","name":"n${i}","versionInfo":"1","comment":"${PAD}"}`,
    );
    const body = `{"spdxVersion":"SPDX-2.2","name":"d${n}","documentNamespace":"https://x/${n}","packages":[${packages}]}`;
    yield tarEntry({ path: `d${n}.spdx.json`, body });
  }
  yield TAR_END;
}

/** By reader: one of many components, and those with something else that is endless. */
export const largeDocuments: Readonly<Record<string, Readonly<Record<string, LargeDocument>>>> = {
  'cyclonedx-json': {
    components: json(
      '{"bomFormat":"CycloneDX","components":[',
      (n) => `{"name":"n${n}","version":"1","description":"${PAD}"}`,
      ']}',
    ),
    'empty objects': json('{"bomFormat":"CycloneDX","components":[],"x":[', () => '{}', ']}'),
    'one text': filled('{"bomFormat":"CycloneDX","components":[],"x":"', pad, { tail: '"}' }),
  },
  'cyclonedx-xml': {
    components: xml(
      '',
      (n) => `<component><name>n${n}</name><version>1</version><description>${PAD}</description></component>`,
      '',
    ),
    'one text': xml('<component><name>', pad, '</name></component>'),
    'one attribute': xml('<component a="', pad, '"/>'),
    'empty elements': xml('<component><properties>', () => '<property/>', '</properties></component>'),
  },
  'spdx-json': {
    components: json(
      '{"spdxVersion":"SPDX-2.3","packages":[',
      (n) => `{"SPDXID":"SPDXRef-${n}","name":"n${n}","comment":"${PAD}"}`,
      ']}',
    ),
  },
  'spdx-tag-value': {
    components: filled(
      'SPDXVersion: SPDX-2.3\n',
      (n) => `PackageName: n${n}\nSPDXID: SPDXRef-${n}\nPackageComment: ${PAD}\n`,
    ),
    'one line': filled('SPDXVersion: SPDX-2.3\nPackageName: x\n', pad),
  },
  'spdx3-json': {
    components: json(
      '{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[',
      (n) => `{"type":"software_Package","spdxId":"p${n}","name":"n${n}","comment":"${PAD}"}`,
      ']}',
    ),
  },
  'yocto-spdx': { documents: manyDocuments },
  'syft-json': {
    components: json('{"schema":{},"artifacts":[', (n) => `{"name":"n${n}","version":"1","foundBy":"${PAD}"}`, ']}'),
  },
  'yocto-cve-check': {
    components: json(
      '{"version":"1","package":[',
      (n) => `{"name":"n${n}","version":"1","issue":[],"layer":"${PAD}"}`,
      ']}',
    ),
  },
  'yocto-cve-check-text': {
    components: filled(
      '',
      (n) => `PACKAGE NAME: n${n}\nPACKAGE VERSION: 1\nCVE: CVE-2020-1\nCVE STATUS: Patched\nCVE SUMMARY: ${PAD}\n\n`,
    ),
  },
  cvescan: {
    components: json('{"version":"1.0.0","packages":{', (n) => `"i${n}":{"bpn":"n${n}","src_uri":["${PAD}"]}`, '}}'),
  },
  purl: { components: filled('', (n) => `pkg:npm/n${n}@1.0?a=${PAD}\n`), 'one line': filled('pkg:npm/x@1\n', pad) },
  cpe: { components: filled('', (n) => `cpe:2.3:a:x:n${n}:1:*:*:*:*:*:*:*\n# ${PAD}\n`) },
  'openwrt-manifest': { components: filled('', (n) => `n${n}-${PAD} - 1.0\n`) },
  'buildroot-show-info': {
    components: json('{', (n) => `"n${n}":{"type":"target","version":"1","licenses":"${PAD}"}`, '}'),
  },
};
