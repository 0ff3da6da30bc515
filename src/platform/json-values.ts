/**
 * Light readers of parsed JSON for documents of hundreds of thousands of values: each gives the value if it is of the wanted
 * kind, else "none". What a document cannot do without is asked for by who reads it.
 */

/** The fields of a JSON object. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** Text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list; an empty one for anything else. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list. */
export function asTexts(value: unknown): readonly string[] {
  return asList(value).filter((item): item is string => typeof item === 'string' && item !== '');
}

/** An object's fields; none for anything else. */
export function asFields(value: unknown): JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : {};
}

/** A finite number. */
export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
