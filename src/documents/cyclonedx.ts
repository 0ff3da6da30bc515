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
  /** Ids of the same flaw elsewhere. */
  readonly aliases: readonly string[];
  /** When the analysis, else the entry, was last changed. */
  readonly updated?: string;
  /** `analysis.state`: `resolved`, `not_affected` …; absent where it gives no verdict. */
  readonly state?: string;
  readonly justification?: string;
  readonly detail?: string;
  /** References of the components concerned; those of another document are `urn:cdx:…#ref`. */
  readonly affects: readonly string[];
  /** By reference, where an entry of `affects` names versions: those that have the flaw, and those that have not. */
  readonly versions: ReadonlyMap<string, CycloneDxVersions>;
}

/** Versions of one component, as written. */
export interface CycloneDxVersions {
  readonly affected: readonly string[];
  readonly unaffected: readonly string[];
  /** Whether it also names ranges, or versions of which nothing is known. */
  readonly hasMore: boolean;
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

/**
 * All components but the subject, nested ones behind the one that holds them.
 *
 * @param type only those of this type.
 */
export function* componentsOf(
  bom: JsonFields,
  deviation: ReportDeviation,
  type?: string,
): Generator<CycloneDxComponent> {
  const nested = asFields(asFields(bom.metadata).component).components;
  yield* listOf(nested, 'metadata.component.components', { deviation, type });
  yield* listOf(bom.components, 'components', { deviation, type });
}

interface Walk {
  readonly deviation: ReportDeviation;
  readonly type: string | undefined;
}

/** By a stack of its own: a generator in a generator hands each component on through every level above it. */
function* listOf(
  outermost: unknown,
  placeOfOutermost: string,
  { deviation, type }: Walk,
): Generator<CycloneDxComponent> {
  const open: OpenList[] = [];
  const enter = (items: unknown, place: string): void => {
    if (Array.isArray(items)) open.push({ items, place, next: 0 });
    else if (items !== undefined) deviation(place, 'is no list');
  };
  enter(outermost, placeOfOutermost);
  for (let list = open.at(-1); list; list = open.at(-1)) {
    if (list.next === list.items.length) {
      open.pop();
      continue;
    }
    const place = `${list.place}[${list.next}]`;
    const item = list.items[list.next++];
    const fields = asFields(item);
    const component = type === undefined || fields.type === type ? componentOf(item, place, deviation) : undefined;
    if (component) yield component;
    enter(fields.components, `${place}.components`);
  }
}

interface OpenList {
  readonly items: readonly unknown[];
  readonly place: string;
  /** Index of the item that comes next. */
  next: number;
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
    const { id, analysis, affects, updated, references } = asFields(item);
    const word = asText(id);
    if (word === undefined) {
      deviation(place, 'has no id');
      continue;
    }
    const { state, justification, detail, lastUpdated } = asFields(analysis);
    const [stated, why, said] = [asText(state), asText(justification), asText(detail)];
    const changed = asText(lastUpdated) ?? asText(updated);
    yield {
      place,
      id: word,
      aliases: asList(references).flatMap((reference) => asText(asFields(reference).id) ?? []),
      ...(changed !== undefined && { updated: changed }),
      ...(stated !== undefined && { state: stated }),
      ...(why !== undefined && { justification: why }),
      ...(said !== undefined && { detail: said }),
      affects: asList(affects).flatMap((target) => asText(asFields(target).ref) ?? []),
      versions: new Map(asList(affects).flatMap(versionsOf)),
    };
  }
}

function versionsOf(target: unknown): [string, CycloneDxVersions][] {
  const { ref, versions } = asFields(target);
  const word = asText(ref);
  const list = asList(versions).map(asFields);
  if (word === undefined || list.length === 0) return [];
  const having = (wanted: string) =>
    list.flatMap(({ version, status = 'affected' }) => (status === wanted ? (asText(version) ?? []) : []));
  const [affected, unaffected] = [having('affected'), having('unaffected')];
  return [[word, { affected, unaffected, hasMore: affected.length + unaffected.length < list.length }]];
}
