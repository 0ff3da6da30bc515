import { describe, expect, test } from 'vitest';
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
