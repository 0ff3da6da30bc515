import { asFields, asList, asText, type JsonFields } from '../platform/json-values.ts';

/**
 * CycloneDX 1.2 to 1.7 as it is really written: what a reader of components needs, from the JSON form (the XML form is brought into it by
 * `cyclonedx-xml.ts`). Tolerant: what a document does not state well is left out and reported.
 * Source: https://cyclonedx.org/docs/1.7/json/.
 */

/** Where a document breaks its format. */
export type ReportDeviation = (place: string, what: string) => void;

/** A component, with its place in the document. */
export interface CycloneDxComponent {
  /** e.g. `components[3].components[0]`. */
  readonly place: string;
  readonly ref?: string;
  readonly type: string;
  readonly group?: string;
  /** `` where it states none. */
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly cpe?: string;
  /** Value by name; of several of one name, all. */
  readonly properties: ReadonlyMap<string, readonly string[]>;
  /** Vulnerabilities that its patches resolve. */
  readonly resolved: readonly string[];
}

/** What the document says of one vulnerability. */
export interface CycloneDxVulnerability {
  readonly place: string;
  readonly id: string;
  /** `analysis.state`: `resolved`, `not_affected` …; absent where it gives no verdict. */
  readonly state?: string;
  readonly justification?: string;
  readonly detail?: string;
  /** References of the components concerned; those of another document are `urn:cdx:…#ref`. */
  readonly affects: readonly string[];
}

const NO_PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map();
const NOTHING: readonly string[] = [];

/** Whether a JSON object is a CycloneDX document. */
export function isCycloneDx(document: JsonFields): boolean {
  if (document.bomFormat === 'CycloneDX') return true;
  // 1.2 to 1.4 in the wild, without the mark.
  return typeof document.specVersion === 'string' && Array.isArray(document.components);
}

/** The component that the document is about; its own components are among `componentsOf`. */
export function subjectOf(bom: JsonFields, deviation: ReportDeviation): CycloneDxComponent | undefined {
  const subject = asFields(bom.metadata).component;
  return subject === undefined ? undefined : componentOf(subject, 'metadata.component', deviation);
}

/** Properties of the document as a whole. */
export function propertiesOfBom(bom: JsonFields): ReadonlyMap<string, readonly string[]> {
  const own = propertiesOf(bom.properties, 'properties', () => {});
  return new Map([...propertiesOf(asFields(bom.metadata).properties, 'metadata.properties', () => {}), ...own]);
}

/** All components but the subject, nested ones behind the one that holds them. */
export function* componentsOf(bom: JsonFields, deviation: ReportDeviation): Generator<CycloneDxComponent> {
  yield* listOf(asFields(asFields(bom.metadata).component).components, 'metadata.component.components', deviation);
  yield* listOf(bom.components, 'components', deviation);
}

function* listOf(list: unknown, place: string, deviation: ReportDeviation): Generator<CycloneDxComponent> {
  if (list === undefined) return;
  if (!Array.isArray(list)) return deviation(place, 'is no list');
  for (const [index, item] of list.entries()) {
    const own = `${place}[${index}]`;
    const component = componentOf(item, own, deviation);
    if (!component) continue;
    yield component;
    if (item.components !== undefined) yield* listOf(item.components, `${own}.components`, deviation);
  }
}

function componentOf(item: unknown, place: string, deviation: ReportDeviation): CycloneDxComponent | undefined {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    deviation(place, 'is no component');
    return undefined;
  }
  const fields = item as JsonFields;
  const text = (key: string): string | undefined => {
    const value = fields[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    deviation(`${place}.${key}`, 'is no text');
    return undefined;
  };
  const name = text('name');
  if (name === undefined) deviation(place, 'has no name');
  const [ref, group, version, purl, cpe] = [text('bom-ref'), text('group'), text('version'), text('purl'), text('cpe')];
  return {
    place,
    ...(ref !== undefined && { ref }),
    type: text('type') ?? '',
    ...(group !== undefined && { group }),
    name: name ?? '',
    ...(version !== undefined && { version }),
    ...(purl !== undefined && { purl }),
    ...(cpe !== undefined && { cpe }),
    properties:
      fields.properties === undefined
        ? NO_PROPERTIES
        : propertiesOf(fields.properties, `${place}.properties`, deviation),
    resolved: fields.pedigree === undefined ? NOTHING : resolvedBy(fields.pedigree),
  };
}

function propertiesOf(
  list: unknown,
  place: string,
  deviation: ReportDeviation,
): ReadonlyMap<string, readonly string[]> {
  if (list === undefined) return NO_PROPERTIES;
  if (!Array.isArray(list)) {
    deviation(place, 'is no list');
    return NO_PROPERTIES;
  }
  const values = new Map<string, string[]>();
  for (const [index, item] of list.entries()) {
    const { name, value } = asFields(item);
    if (typeof name !== 'string' || (value !== undefined && typeof value !== 'string')) {
      deviation(`${place}[${index}]`, 'is no property');
      continue;
    }
    const known = values.get(name);
    if (known) known.push(value ?? '');
    else values.set(name, [value ?? '']);
  }
  return values;
}

/** Ids of `pedigree.patches[].resolves[]`; issues of other kinds (defects) count where their id is one of a vulnerability. */
function resolvedBy(pedigree: unknown): readonly string[] {
  const ids = asList(asFields(pedigree).patches).flatMap((patch) =>
    asList(asFields(patch).resolves).flatMap((issue) => {
      const { type, id, name } = asFields(issue);
      const word = asText(id) ?? asText(name);
      if (word === undefined) return [];
      return type === 'security' || /^(CVE|GHSA)-/.test(word) ? [word] : [];
    }),
  );
  return [...new Set(ids)];
}

/** What the document says of vulnerabilities, verdicts or not. */
export function* vulnerabilitiesOf(bom: JsonFields, deviation: ReportDeviation): Generator<CycloneDxVulnerability> {
  if (bom.vulnerabilities === undefined) return;
  if (!Array.isArray(bom.vulnerabilities)) return deviation('vulnerabilities', 'is no list');
  for (const [index, item] of bom.vulnerabilities.entries()) {
    const place = `vulnerabilities[${index}]`;
    const { id, analysis, affects } = asFields(item);
    const word = asText(id);
    if (word === undefined) {
      deviation(place, 'has no id');
      continue;
    }
    const { state, justification, detail } = asFields(analysis);
    const [stated, why, said] = [asText(state), asText(justification), asText(detail)];
    yield {
      place,
      id: word,
      ...(stated !== undefined && { state: stated }),
      ...(why !== undefined && { justification: why }),
      ...(said !== undefined && { detail: said }),
      affects: asList(affects).flatMap((target) => asText(asFields(target).ref) ?? []),
    };
  }
}
