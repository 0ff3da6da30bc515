import { ScannerError } from '../model/errors.ts';
import { asFields, asText, type JsonFields } from '../platform/json-values.ts';
import { didYouMean } from '../platform/nearest-word.ts';
import type { IgnoreRule } from './apply-ignore-rules.ts';
import { readPathPattern } from './path-pattern.ts';
import { type NamesPackage, readProductName } from './product-names.ts';

const KEYS = ['vulnerability', 'issueKey', 'package', 'path', 'reason', 'expires'];

/**
 * Reads the rules of an ignore file, or of `ignore` in the configuration: a list of
 * `{vulnerability | issueKey, package?, path?, reason, expires?}`. docs/how-to/ignore-findings.md tells what each means.
 *
 * @param place of the list, for errors: `.cvescanignore`, `cvescan.yml: ignore`.
 * @throws ScannerError `ignore.malformed`, naming the rule.
 */
export function readIgnoreRules(list: unknown, place: string): readonly IgnoreRule[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list))
    throw malformed(place, 'it must be a list of rules, each `- {vulnerability: …, reason: …}`');
  return list.map((rule, index) => readRule(rule, `${place}[${index}]`));
}

function readRule(rule: unknown, place: string): IgnoreRule {
  const fields = asFields(rule);
  for (const key of Object.keys(fields)) {
    if (!KEYS.includes(key))
      throw malformed(place, `unknown key ${key}${didYouMean(key, KEYS) || `; known: ${KEYS.join(', ')}`}`);
  }
  const [vulnerability, issueKey, packageName, path] = ['vulnerability', 'issueKey', 'package', 'path'].map((key) =>
    optionalText(fields, key, place),
  );
  if ((vulnerability === undefined) === (issueKey === undefined))
    throw malformed(place, 'it names a vulnerability, or an issueKey');
  const reason = optionalText(fields, 'reason', place);
  if (reason === undefined) throw malformed(place, 'it needs a reason');
  const expires = readDate(fields.expires, place);
  const namesPackage = packageName === undefined ? undefined : readPackage(packageName);
  const matchesPath = path === undefined ? undefined : readPathPattern(path);
  return {
    reason,
    ...(expires !== undefined && { expires }),
    place,
    key: (vulnerability ?? issueKey)!,
    about: [vulnerability ?? issueKey, packageName, path].filter((word) => word !== undefined).join(' '),
    holdsOf({ vulnerability: { id, aliases }, issueKey: own, proof }, installed) {
      if (issueKey !== undefined && issueKey !== own) return false;
      if (vulnerability !== undefined && vulnerability !== id && !aliases.includes(vulnerability)) return false;
      if (namesPackage && !(installed && namesPackage(installed))) return false;
      return !matchesPath || proof.package.locations.some((location) => matchesPath(location.path));
    },
  };
}

/** A purl or CPE, else a name, or `name@version`. */
function readPackage(text: string): NamesPackage {
  const named = readProductName(text);
  return named?.covers ?? (({ name, version }) => text === name || text === `${name}@${version}`);
}

function optionalText(fields: JsonFields, key: string, place: string): string | undefined {
  const value = fields[key];
  if (value === undefined) return undefined;
  const text = asText(value)?.trim();
  if (!text) throw malformed(place, `${key} is a text`);
  return text;
}

function readDate(value: unknown, place: string): string | undefined {
  if (value === undefined) return undefined;
  const text = asText(value) ?? '';
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDate) throw malformed(place, 'expires is a date, YYYY-MM-DD');
  return text;
}

function malformed(place: string, what: string): ScannerError {
  return new ScannerError('ignore.malformed', `${place}: ${what}`, { place });
}
