import { asFields, asList, asText, asTexts, type JsonFields } from '../platform/json-values.ts';

/**
 * OpenVEX 0.0.1 to 0.2.0 as it is really written, read tolerantly.
 * Source: https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md.
 */
export interface OpenVexDocument {
  readonly author?: string;
  /** The newest time of the document. */
  readonly timestamp?: string;
  readonly statements: readonly OpenVexStatement[];
}

export interface OpenVexStatement {
  /** Name, IRI and aliases. */
  readonly vulnerabilityIds: readonly string[];
  readonly products: readonly OpenVexProduct[];
  readonly status?: string;
  readonly justification?: string;
  readonly impactStatement?: string;
  readonly notes?: string;
  readonly timestamp?: string;
}

export interface OpenVexProduct {
  /** `@id`, purls and CPEs. */
  readonly names: readonly string[];
  readonly subcomponents: readonly (readonly string[])[];
}

/** Whether a JSON object is an OpenVEX document. */
export function isOpenVex(document: JsonFields): boolean {
  const context = asText(document['@context']) ?? '';
  return /^https:\/\/openvex\.dev\/ns/.test(context) && Array.isArray(document.statements);
}

/** Products of a statement without its own are the document's (0.0.1). */
export function readOpenVex(document: JsonFields): OpenVexDocument {
  const shared = productsOf(document);
  return {
    ...texts({ author: document.author, timestamp: document.last_updated ?? document.timestamp }),
    statements: asList(document.statements).map((item) => statementOf(asFields(item), shared)),
  };
}

function statementOf(fields: JsonFields, shared: readonly OpenVexProduct[]): OpenVexStatement {
  const { vulnerability, status, justification, impact_statement, status_notes } = fields;
  const named = asFields(vulnerability);
  const own = productsOf(fields);
  const ids = [asText(vulnerability), asText(named.name), asText(named['@id']), ...asTexts(named.aliases)];
  return {
    vulnerabilityIds: [...new Set(ids.filter((id) => id !== undefined))],
    products: own.length > 0 ? own : shared,
    ...texts({ status, justification, impactStatement: impact_statement, notes: status_notes }),
    ...texts({ timestamp: fields.last_updated ?? fields.timestamp }),
  };
}

function productsOf(fields: JsonFields): readonly OpenVexProduct[] {
  return asList(fields.products).map((product) => ({
    names: namesOf(product),
    subcomponents: asList(asFields(product).subcomponents).map(namesOf),
  }));
}

function namesOf(item: unknown): readonly string[] {
  const fields = asFields(item);
  const identifiers = Object.values(asFields(fields.identifiers)).map(asText);
  const names = [asText(item), asText(fields['@id']), ...identifiers];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Those that are texts. */
function texts<Key extends string>(values: Readonly<Record<Key, unknown>>): { readonly [K in Key]?: string } {
  const found = Object.entries(values).filter(([, value]) => asText(value) !== undefined);
  return Object.fromEntries(found) as { readonly [K in Key]?: string };
}
