import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonRecords } from './json-records.ts';

/** Splits a text into chunks of `size` bytes and reads its records. */
async function recordsOf(text: string, key: string, size = 7, maxRecordBytes?: number): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const records: unknown[] = [];
  for await (const record of jsonRecords(chunks(), key, maxRecordBytes === undefined ? {} : { maxRecordBytes })) {
    records.push(JSON.parse(record.toString()));
  }
  return records;
}

describe('jsonRecords', () => {
  test('gives each object of the array, and walks over the rest', async () => {
    const text =
      '{"total":2,"meta":{"rows":[{"no":1}]},"note":"rows","rows": [ {"a":1} , {"b":[{"c":"]}"}]} ],"more":[{"d":1}]}';
    expect(await recordsOf(text, 'rows')).toEqual([{ a: 1 }, { b: [{ c: ']}' }] }]);
  });

  test('strings may hold quotes, brackets and backslashes, cut anywhere', async () => {
    const row = { text: 'a "quoted" } ] \\ and \\" é 漢', '"}': '\\\\' };
    for (let size = 1; size < 40; size++)
      expect(await recordsOf(JSON.stringify({ rows: [row, row] }), 'rows', size)).toEqual([row, row]);
  });

  test('any objects come back as they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.integer({ min: 1, max: 50 }),
        async (rows, size) => {
          const text = JSON.stringify({ before: rows, rows, after: rows });
          expect(await recordsOf(text, 'rows', size)).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
      { numRuns: 100 },
    );
  });

  const broken = [
    // text                              what the row shows
    ['', 'nothing at all'],
    ['{"other":[]}', 'no array of the key'],
    ['{"rows":7}', 'something else under the key'],
    ['{"rows":[1,2]}', 'an array of numbers'],
    ['{"rows":[{"a":1},', 'cut between two records'],
    ['{"rows":[{"a":"', 'cut inside a record'],
  ] as const;
  for (const [text, shows] of broken) {
    test(`is malformed: ${shows}`, async () => {
      await expect(recordsOf(text, 'rows')).rejects.toMatchObject({ code: 'feed.malformed' });
    });
  }

  test('a record may be as large as maxRecordBytes, and no larger', async () => {
    const text = '{"rows":[{"a":"12345"}]}';
    expect(await recordsOf(text, 'rows', 5, 13)).toHaveLength(1);
    await expect(recordsOf(text, 'rows', 5, 12)).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
  });
});
