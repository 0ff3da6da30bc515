import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { JsonFields } from '../platform/json-values.ts';
import { CYCLONEDX_VERSIONS, type CycloneDxVersion, readSchema, type Violation } from './cyclonedx-schemas.ts';

/** Schemas that those of documents refer to. */
const OTHERS = ['spdx', 'jsf-0.82', 'cryptography-defs'];

/** Formats as far as the specification's own test files tell right from wrong. */
const FORMATS: Readonly<Record<string, RegExp | true>> = {
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/,
  uri: /^[a-z][a-z0-9+.-]*:/i,
  'iri-reference': /^[^\s<>"]*$/,
  'idn-email': /^[^@\s]+@[^@\s]+$/,
};

/**
 * What is wrong with a CycloneDX document in JSON, by the schema of its version (the strict one of 1.2 and 1.3) and the rule that
 * references are unique.
 *
 * @returns empty for a valid document.
 */
export function validateCycloneDxJson(bom: JsonFields): readonly Violation[] {
  const version = CYCLONEDX_VERSIONS.find((one) => one === bom.specVersion);
  if (version === undefined) return [{ place: 'specVersion', what: `must be one of ${CYCLONEDX_VERSIONS.join(', ')}` }];
  const validate = validatorOf(version);
  return validate(bom) ? [] : violationsOf(validate.errors ?? []);
}

/** Compiling a schema takes longer than checking most documents. */
const compiled = new Map<CycloneDxVersion, ValidateFunction>();

function validatorOf(version: CycloneDxVersion): ValidateFunction {
  const known = compiled.get(version) ?? compile(version);
  compiled.set(version, known);
  return known;
}

function compile(version: CycloneDxVersion): ValidateFunction {
  const ajv = new Ajv({ strict: false });
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  for (const name of OTHERS) {
    const file = `${name}.SNAPSHOT.schema.json`;
    ajv.addSchema({ ...JSON.parse(readSchema(file)), $id: `http://cyclonedx.org/schema/${file}` });
  }
  const strict = version === '1.2' || version === '1.3' ? '-strict' : '';
  return ajv.compile(JSON.parse(readSchema(`bom-${version}${strict}.SNAPSHOT.schema.json`)));
}

/** Where alternatives all fail there are errors of each: those deepest in the document say what its author meant. */
function violationsOf(errors: readonly ErrorObject[]): readonly Violation[] {
  const depthOf = ({ instancePath }: ErrorObject) => instancePath.split('/').length;
  const depth = errors.reduce((deepest, error) => Math.max(deepest, depthOf(error)), 0);
  const violations = new Map<string, Violation>();
  for (const error of errors) {
    if (depthOf(error) !== depth) continue;
    const violation = { place: placeOf(error.instancePath), what: wordsOf(error) };
    violations.set(`${violation.place} ${violation.what}`, violation);
  }
  return [...violations.values()];
}

/** `components[3].type` of `/components/3/type`. */
function placeOf(pointer: string): string {
  if (pointer === '') return 'the document';
  const words = pointer.slice(1).split('/');
  return words
    .map((word) => word.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((word, n) => (/^\d+$/.test(word) ? `[${word}]` : n === 0 ? word : `.${word}`))
    .join('');
}

/** How many allowed values are named. */
const MAX_NAMED = 20;

function wordsOf({ keyword, params, message = 'is not valid' }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `must not have the field ${params.additionalProperty}`;
  if (keyword !== 'enum') return message;
  const values: readonly unknown[] = params.allowedValues;
  const rest = values.length > MAX_NAMED ? ', …' : '';
  return `must be one of ${values.slice(0, MAX_NAMED).join(', ')}${rest}`;
}
