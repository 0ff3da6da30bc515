import { describe, expect, test } from 'vitest';
import { readDocument } from '../../src/inventory/read-document.ts';
import { checkDocument } from '../../src/inventory/reader.contract.ts';
import { readers } from '../../src/inventory/readers/registry.ts';
import { ScannerError } from '../../src/model/errors.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { reportFormats } from '../../src/reports/formats/registry.ts';
import { inventoryFormats } from '../../src/reports/inventory-formats/registry.ts';
import { assertHarmless, HOSTILE_TEXTS, renderText } from '../../src/reports/report-format.contract.ts';
import { judge } from '../../src/scan/judge.ts';
import { advisory, fakeAdvisories } from '../fake-advisories.ts';
import { hostileInventories } from '../hostile-inventories.ts';
import { withCuts, withWrongTypes } from '../hostile-values.ts';

const now = new Date('2026-08-01T00:00:00Z');
const context = {
  ...{ color: false, columns: undefined, now },
  template: { name: 'x', text: '{{#findings}}\n{{vulnerability.id}} {{package.name}} {{reason}}\n{{/findings}}\n' },
};

/** Words of JavaScript's own objects, beside those that command what shows them. */
const TEXTS = [...HOSTILE_TEXTS, 'constructor', 'toString', '-1+1', '\t=1+1', '＝1+1', '../../etc/passwd', '%n%s'];

/** Everything has a flaw: what is in the inventory is in the report. */
const flawed = {
  ...fakeAdvisories(),
  coverage: () => [{ source: 'osv' }],
  knows: () => true,
  hasProducts: true,
  advisories: (namespace: string, packageName: string) => [
    advisory({ vulnerabilityId: 'CVE-2020-1', source: 'osv', namespace, packageName, packageKind: 'binary' }),
  ],
};

test('every reader is tried', () => {
  expect(Object.keys(hostileInventories).sort()).toEqual(readers.map(({ name }) => name).sort());
});

for (const reader of readers) {
  const { named, nested, many, laborious = {} } = hostileInventories[reader.name]!;
  const read = (document: Buffer) => readDocument('document', document, { format: reader.name });

  describe(reader.name, () => {
    test('cut anywhere it is read, or refused with a reason', async () => {
      for (const cut of withCuts(many(5))) await checkDocument(cut, reader.name);
    });

    test('values of another type are passed over, or refused with a reason', async () => {
      for (const document of wrongDocuments(reader.form, reader.name)) await checkDocument(document, reader.name);
    });

    test('nested 10,000 deep it is read, or refused with the limit named', async () => {
      const reading = await read(nested(10_000)).catch((error: unknown) => error);
      if (reading instanceof ScannerError) expect(reading).toMatchObject({ code: 'document.limit-exceeded' });
      else expect((reading as Inventory).packages.length + (reading as Inventory).problems.length).toBeGreaterThan(0);
    });

    test('nothing of a document of 1,000 components is lost', async () => {
      expect((await read(many(1_000))).packages).toHaveLength(1_000);
    });

    for (const text of TEXTS)
      test(`${JSON.stringify(text)} is listed, and harmless in every output`, async () => {
        const inventory = await read(named(text));
        expect(inventory.packages.length + inventory.problems.length).toBeGreaterThan(0);
        expect(new Set(inventory.packages.map(({ id }) => id)).size).toBe(inventory.packages.length);
        await assertHarmlessEverywhere(inventory);
      });

    for (const [shows, make] of Object.entries(laborious))
      test(`50,000 take time in proportion: ${shows}`, async () => {
        const document = make(50_000);
        const start = performance.now();
        await checkDocument(document, reader.name);
        // Half a second; the square of it would be minutes.
        expect(performance.now() - start).toBeLessThan(15_000);
      }, 60_000);
  });
}

async function assertHarmlessEverywhere(inventory: Inventory): Promise<void> {
  const ledger = { components: 0, noVersion: 0, unknownNamespace: 0, unreadableVersion: 0, filtered: 0 };
  for (const format of inventoryFormats)
    assertHarmless([...format.render({ inventory, ledger }, context)].join(''), format.mediaType);
  const report = judge(inventory, flawed, { now });
  for (const format of reportFormats) {
    const text = await renderText(format, report, context);
    assertHarmless(text, format.mediaType);
    if (format.name === 'csv') assertNoFormulas(text);
  }
}

function assertNoFormulas(csv: string): void {
  for (const cell of csv.split(/[\r\n,]+/)) expect(cell).not.toMatch(/^"?[\s]*[=+\-@＝＋－＠]/);
}

/** The fixture with each value of it replaced: of JSON by values of other types, of XML by elements, of text by other text. */
function* wrongDocuments(form: (typeof readers)[number]['form'], name: string): Generator<Buffer> {
  const { many } = hostileInventories[name]!;
  const document = many(2);
  if (form === 'json') {
    for (const changed of withWrongTypes(JSON.parse(document.toString()))) yield Buffer.from(JSON.stringify(changed));
  } else if (form === 'archive') {
    const start = document.indexOf('{');
    const body = document.subarray(start, document.indexOf('\0', start)).toString();
    for (const changed of withWrongTypes(JSON.parse(body))) {
      const json = Buffer.from(JSON.stringify(changed).padEnd(body.length).slice(0, body.length));
      yield Buffer.concat([document.subarray(0, start), json, document.subarray(start + body.length)]);
    }
  } else {
    const text = document.toString();
    const pattern = form === 'xml' ? />[^<]+</g : /\S+/g;
    const wrongs = form === 'xml' ? ['><x><y/></x><', '><', '><![CDATA[<x>]]><'] : ['', ':', '\\', '"', '🜁'];
    for (const match of text.matchAll(pattern))
      for (const wrong of wrongs)
        yield Buffer.from(text.slice(0, match.index) + wrong + text.slice(match.index + match[0].length));
  }
}
