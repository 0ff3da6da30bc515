import assert from 'node:assert/strict';
import { ScannerError } from '../model/errors.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Package } from '../model/package.ts';
import { readDocument } from './read-document.ts';
import type { InventoryReader } from './reader.ts';

/** A promise of a family's contract, held against one plugin. Rejects with an assertion that says what was broken. */
export interface ReaderCheck {
  readonly name: string;
  check(): Promise<void>;
}

/** What a reader is tried with: a document, and the packages that it is to find there. */
export interface ReaderFixture {
  readonly document: Buffer;
  readonly expected: readonly Package[];
}

/** Rejects unless these bytes, whatever they are, are read in the promised form or refused with a document's error. */
export async function checkDocument(bytes: Buffer, format?: string): Promise<void> {
  let inventory: Inventory;
  try {
    inventory = await readDocument('document', bytes, { format });
  } catch (error) {
    assert.ok(error instanceof ScannerError, `refused with an error of ours, not ${error}`);
    assert.match(error.code, /^document\./, 'an error has a code of documents');
    return;
  }
  for (const { name, version, versionScheme, type, locations } of inventory.packages) {
    assert.equal(typeof name, 'string', 'a name is text');
    assert.equal(typeof version, 'string', 'a version is text');
    assert.equal(typeof versionScheme, 'string', 'a version scheme is named');
    assert.equal(typeof type, 'string', 'a type is named');
    assert.ok(Array.isArray(locations), 'locations are a list');
  }
  for (const { code, message } of inventory.problems) {
    assert.match(code, /^reader\.[a-z-]+$/, 'a problem has a code of the family');
    assert.notEqual(message, '', 'a problem says what is wrong');
  }
}

/** The contract of readers, as plain functions: our own tests run them over the registry, users run them over plugins of their own. */
export function readerContract(reader: InventoryReader, { document, expected }: ReaderFixture): readonly ReaderCheck[] {
  return [
    {
      name: 'it has a name and a title',
      check: async () => {
        assert.match(reader.name, /^[a-z][a-z0-9-]*$/);
        assert.notEqual(reader.title, '');
      },
    },
    {
      name: 'it is told by the content of its fixture, and reads the packages there, the same every time',
      check: async () => {
        for (const format of [undefined, reader.name]) {
          const { packages, problems } = await readDocument('document', document, { format });
          assert.deepEqual(packages, expected);
          assert.deepEqual(problems, []);
        }
      },
    },
    {
      name: 'it survives its fixture cut at any place',
      check: async () => {
        const step = Math.max(1, Math.ceil(document.length / 64));
        for (let end = 0; end < document.length; end += step)
          await checkDocument(document.subarray(0, end), reader.name);
      },
    },
  ];
}
