import { stringifyYaml } from '../../platform/yaml.ts';
import { readStatedSettings } from './read-settings.ts';
import { SETTINGS } from './settings.ts';

/** What stands in place of a secret. */
const HIDDEN = '(hidden)';

/**
 * The configuration in effect as YAML: what the file says, with the defaults of what it does not say. Secrets are hidden.
 *
 * @param sections the file's server sections. @throws ScannerError `config.invalid`.
 */
export function printConfig(sections: Readonly<Record<string, unknown>>, file: string): string {
  const { apiIsOff } = readStatedSettings(sections, file);
  const document: Record<string, unknown> = {};
  for (const { key, fallback, secret } of SETTINGS) {
    const stated = valueAt(sections, key);
    const value = stated === undefined || stated === null || stated === '' ? fallback : stated;
    if (value !== undefined) setAt(document, key, secret ? hidden(value, secret) : value);
  }
  if (apiIsOff) setAt(document, 'clair.api', null);
  return stringifyYaml(document);
}

/** @returns the whole hidden, or, of a URL, what may be a secret in it. */
function hidden(value: unknown, secret: true | 'in-url'): unknown {
  const url = secret === 'in-url' ? URL.parse(String(value)) : null;
  if (!url) return HIDDEN;
  if (url.username === '' && url.password === '' && url.search === '') return value;
  const credentials = url.username === '' && url.password === '' ? '' : `${HIDDEN}@`;
  return `${url.protocol}//${credentials}${url.host}${url.pathname}${url.search && `?${HIDDEN}`}`;
}

function valueAt(sections: unknown, key: string): unknown {
  let value = sections;
  for (const name of key.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}

function setAt(document: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split('.');
  const last = names.pop()!;
  let section = document;
  for (const name of names) {
    section[name] ??= {};
    section = section[name] as Record<string, unknown>;
  }
  section[last] = value;
}
