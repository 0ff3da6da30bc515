import { parse, stringify } from 'yaml';

/**
 * YAML as values, loaded where it is needed (`await import('./yaml.ts')`). The package is CommonJS: asked for by name here, once, it
 * answers the same from sources and from the bundle.
 *
 * @throws YAMLParseError with the place in its message.
 */
export function parseYaml(text: string): unknown {
  return parse(text);
}

/** Values as YAML. */
export function stringifyYaml(value: unknown): string {
  return stringify(value);
}
