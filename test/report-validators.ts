import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import * as csafTests from '@secvisogram/csaf-validator-lib/basic.js';
import validateCsaf from '@secvisogram/csaf-validator-lib/validate.js';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SaxesParser } from 'saxes';
import { validateXML } from 'xmllint-wasm';

const require = createRequire(import.meta.url);
const schemas = resolve(import.meta.dirname, 'fixtures/schemas');
const cyclonedx = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');

const readText = (path: string): string => readFileSync(path, 'utf8');
const readJson = (path: string): object => JSON.parse(readText(path));

/** What is wrong with a document, in words; empty when it is valid. */
export type Validator = (text: string) => Promise<readonly string[]>;

/** Formats of strings are checked by none of our tools' readers; the patterns of some schemas are not of the strict grammar. */
const options = {
  ...{ strict: false, validateFormats: false, allErrors: true, logger: false as const, unicodeRegExp: false },
} as const;

function bySchema(schema: object, others: readonly (readonly [string, object])[] = []): Validator {
  const isNew = String((schema as Record<string, unknown>).$schema ?? '').includes('2020-12') || '$defs' in schema;
  const ajv = isNew ? new Ajv2020(options) : new Ajv(options);
  for (const [name, other] of others) ajv.addSchema({ ...other, $id: name });
  const { $schema: _, id: __, ...plain } = schema as Readonly<Record<string, unknown>>;
  const validate = ajv.compile(plain);
  return async (text) => {
    validate(JSON.parse(text));
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

const cyclonedxJson = bySchema(
  readJson(join(cyclonedx, 'bom-1.6.SNAPSHOT.schema.json')),
  ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'].map(
    (name) => [`http://cyclonedx.org/schema/${name}`, readJson(join(cyclonedx, name))] as const,
  ),
);

const cyclonedxXml: Validator = async (text) => {
  const { errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: text },
    schema: {
      fileName: 'bom.xsd',
      contents: readText(join(cyclonedx, 'bom-1.6.SNAPSHOT.xsd')).replace(
        /schemaLocation="[^"]*"/,
        'schemaLocation="spdx.xsd"',
      ),
    },
    preload: { fileName: 'spdx.xsd', contents: readText(join(cyclonedx, 'spdx.SNAPSHOT.xsd')) },
    maxMemoryPages: 4096,
  });
  return errors.map(({ message }) => message);
};

/** The schema, and the mandatory tests of CSAF 2.0 section 6.1. */
const csafVex: Validator = async (text) => {
  const { tests } = await validateCsaf(Object.values(csafTests), JSON.parse(text));
  return tests.flatMap(({ name, errors }) =>
    errors.map(({ instancePath, message }) => `${name}: ${instancePath} ${message}`),
  );
};

const wellFormed: Validator = async (text) => {
  const errors: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', ({ message }) => errors.push(message));
  parser.write(text).close();
  return errors;
};

/** Every line has as many cells as the first, by the grammar of RFC 4180, and no cell is a formula. */
const csv: Validator = async (text) => {
  const lines = text
    .split('\r\n')
    .slice(0, -1)
    .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)]);
  const width = lines[0]?.length;
  return lines.flatMap((cells, n) => [
    ...(cells.length === width ? [] : [`line ${n + 1} has ${cells.length} cells`]),
    ...cells
      .filter(([, quoted, plain]) => /^\s*[=+@-]/.test(quoted ?? plain ?? ''))
      .map(([cell]) => `line ${n + 1}: ${cell}`),
  ]);
};

/** How each format is known to be valid, by its name. */
export const validators: Readonly<Record<string, Validator>> = {
  sarif: bySchema(
    readJson(
      join(dirname(require.resolve('@microsoft/jest-sarif/package.json')), 'lib/schemas/sarif-2.1.0-rtm.5.json'),
    ),
  ),
  'cyclonedx-json': cyclonedxJson,
  'cyclonedx-vex': cyclonedxJson,
  'cyclonedx-xml': cyclonedxXml,
  openvex: bySchema(readJson(join(schemas, 'openvex-0.2.0.json'))),
  'csaf-vex': csafVex,
  'spdx-json': bySchema(readJson(join(schemas, 'spdx-2.3.json'))),
  gitlab: bySchema(readJson(join(schemas, 'gitlab-15.json'))),
  json: bySchema(readJson(resolve(import.meta.dirname, '../docs/reference/report.schema.json'))),
  junit: wellFormed,
  csv,
};
