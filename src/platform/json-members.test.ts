import { describe, expect, test } from 'vitest';
import { jsonMembers } from './json-members.ts';

const cases = [
  // document                             entries                              what the row shows
  ['{}', [], 'an empty object has none'],
  ['{ "a": 1 }', ['"a": 1'], 'space around is no part of an entry'],
  ['{"a":{"b":[1,2]},"c":[{}]}', ['"a":{"b":[1,2]}', '"c":[{}]'], 'commas inside part nothing'],
  ['{"a":"}],{","b":"\\"}"}', ['"a":"}],{"', '"b":"\\"}"'], 'signs in strings part nothing'],
  ['{"a\\\\":"é"}', ['"a\\\\":"é"'], 'an escaped backslash ends no string early'],
  ['\n{"a":null}\n', ['"a":null'], 'space before and behind the object'],
] as const;

describe('jsonMembers', () => {
  for (const [document, entries, shows] of cases) {
    test(`${document}: ${shows}`, async () => {
      for (const chunkBytes of [1, 3, 1000]) expect(await read(document, chunkBytes)).toEqual(entries);
    });
  }

  const refused = [
    ['', 'ends before'],
    ['{"a":1', 'ends before'],
    ['{"a":"1}', 'ends before'],
    ['[1]', 'not one JSON object'],
    ['{"a":1]', 'not one JSON object'],
    ['{}{}', 'not one JSON object'],
    ['<html>', 'not one JSON object'],
  ] as const;
  for (const [document, words] of refused) {
    test(`${JSON.stringify(document)} is refused`, async () => {
      await expect(read(document, 2)).rejects.toMatchObject({
        code: 'feed.malformed',
        message: expect.stringContaining(words),
      });
    });
  }

  test('an entry may be as long as the limit, and no longer', async () => {
    expect(await read('{"a":123}', 2, 7)).toEqual(['"a":123']);
    await expect(read('{"a":1234}', 2, 7)).rejects.toMatchObject({ code: 'feed.limit-exceeded' });
  });
});

async function read(document: string, chunkBytes: number, maxMemberBytes?: number): Promise<string[]> {
  const bytes = Buffer.from(document);
  async function* chunks() {
    for (let i = 0; i < bytes.length; i += chunkBytes) yield bytes.subarray(i, i + chunkBytes);
  }
  const options = maxMemberBytes === undefined ? {} : { maxMemberBytes };
  return (await Array.fromAsync(jsonMembers(chunks(), options))).map((text) => text.trim());
}
