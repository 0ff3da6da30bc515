import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseOutputs } from './outputs.ts';

const formats = [{ name: 'table' }, { name: 'json' }, { name: 'cyclonedx-json' }];

describe('parseOutputs', () => {
  for (const [values, outputs, shows] of [
    [[], ['table'], 'the first format by default'],
    [['json'], ['json'], 'a format to standard output'],
    [['json=-'], ['json'], 'a dash is standard output'],
    [['table', 'json=a=b.json'], ['json=a=b.json', 'table'], 'files first, a name may hold an equals sign'],
    [['json=a', 'json=b'], ['json=a', 'json=b'], 'one format in two files'],
  ] as const) {
    test(shows, () =>
      expect(
        parseOutputs(values, formats).map(({ format, file }) => (file ? `${format.name}=${file}` : format.name)),
      ).toEqual(outputs),
    );
  }

  for (const [values, message] of [
    [['jsn'], '-o jsn: it is one of table, json, cyclonedx-json; did you mean json?'],
    [['json='], '-o json= needs a file'],
    [['json', 'table'], 'only one document fits on standard output, not json and table: use -o FORMAT=FILE'],
  ] as const) {
    test(message, () => expect(() => parseOutputs(values, formats)).toThrow(message));
  }
});

describe('a format with a template', () => {
  const format = { name: 'template', needsTemplate: true };
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cvescan-template-'));
    file = join(folder, 'report.tmpl');
    writeFileSync(file, 'text');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is read from the file, and written to standard output', () =>
    expect(parseOutputs([`template=${file}`], [format])).toEqual([{ format, template: { name: file, text: 'text' } }]));

  test('may be written to another file', () =>
    expect(parseOutputs([`template=${file}=out=1.txt`], [format])).toMatchObject([{ file: 'out=1.txt' }]));

  test('needs one', () =>
    expect(() => parseOutputs(['template'], [format])).toThrow('needs a template: -o template=FILE'));

  test('that can be read', () =>
    expect(() => parseOutputs([`template=${folder}/none`], [format])).toThrow(
      `cannot read the template ${folder}/none`,
    ));
});
