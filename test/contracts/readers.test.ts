import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDocument } from '../../src/inventory/read-document.ts';
import { checkDocument, readerContract } from '../../src/inventory/reader.contract.ts';
import { readers } from '../../src/inventory/readers/registry.ts';
import { withWrongTypes } from '../hostile-values.ts';
import { tar } from '../tar.ts';

const fixtures = resolve(import.meta.dirname, '../../src/inventory/readers/fixtures');

/** A fixture folder holds `document.*`, or `root/` for a tar of documents, and what is expected of it. */
function documentOf(name: string): Buffer {
  const folder = join(fixtures, name);
  const file = readdirSync(folder).find((it) => it.startsWith('document.'));
  if (file !== undefined) return readFileSync(join(folder, file));
  const paths = readdirSync(join(folder, 'root')).sort();
  return tar(...paths.map((path) => ({ path, body: readFileSync(join(folder, 'root', path)) })));
}

test('every reader has a fixture folder, and every fixture folder a reader', () => {
  expect(readdirSync(fixtures).sort()).toEqual(readers.map(({ name }) => name).sort());
});

for (const reader of readers) {
  describe(`reader ${reader.name}`, () => {
    const document = documentOf(reader.name);
    const expected = JSON.parse(readFileSync(join(fixtures, reader.name, 'expected.json'), 'utf8'));
    for (const { name, check } of readerContract(reader, { document, expected })) test(name, check);

    test('it takes any bytes', () =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 512 }), (bytes) => checkDocument(Buffer.from(bytes), reader.name)),
      ));

    test('it takes its fixture with any bytes changed', () =>
      fc.assert(
        fc.asyncProperty(fc.nat(), fc.uint8Array({ maxLength: 16 }), async (place, bytes) => {
          const changed = Buffer.from(document);
          const at = place % changed.length;
          changed.set(bytes.subarray(0, changed.length - at), at);
          await checkDocument(changed, reader.name);
        }),
      ));

    if (reader.form !== 'json') return;

    test('it takes its fixture with any value of another type', async () => {
      for (const changed of withWrongTypes(JSON.parse(document.toString())))
        await checkDocument(Buffer.from(JSON.stringify(changed)), reader.name);
    });
  });
}

test('what no reader knows is said so', async () => {
  for (const text of ['{}', '[]', '<html/>', 'hello', '', '{"a":1}', '\0'])
    await expect(readDocument('x', Buffer.from(text)), text).rejects.toMatchObject({ code: 'document.unknown-format' });
});
