import {
  type CycloneDxComponent,
  type CycloneDxVulnerability,
  componentsOf,
  propertiesOfBom,
  type ReportDeviation,
  subjectOf,
  vulnerabilitiesOf,
} from '../documents/cyclonedx.ts';
import { namespaceOfRelease } from '../model/distribution.ts';
import { schemeOf } from '../model/namespace.ts';
import type { StatementKind, VulnerabilityStatement } from '../model/vulnerability-statement.ts';
import { asText, type JsonFields } from '../platform/json-values.ts';
import { documentPackage } from './document-package.ts';
import type { DocumentInventory, DocumentPackage, ReaderContext } from './reader.ts';
import { scannerCpes, scannerFacts } from './scanner-properties.ts';
import { documentFacts, inventoryFacts, packageFacts } from './stated-properties.ts';
import { StatementsBySubject, withoutRepeats } from './statements-by-subject.ts';

/** The inventory of a CycloneDX document in its JSON form. */
export function cyclonedxInventory(bom: JsonFields, { problem }: ReaderContext): DocumentInventory {
  const deviation: ReportDeviation = (path, what) =>
    problem({ code: 'reader.deviation', message: `${path} ${what}`, path });
  const facts = documentFacts(propertiesOfBom(bom));
  const namespace = facts.namespace ?? releaseOfBom(bom);
  const serialNumber = asText(bom.serialNumber);
  return {
    ...facts,
    ...(serialNumber !== undefined && { serialNumber }),
    ...(namespace !== undefined && { namespace }),
    packages: packagesOf(bom, namespace, deviation),
  };
}

/** The release that the components of type operating-system name; none where they name several. */
function releaseOfBom(bom: JsonFields): string | undefined {
  const namespaces = new Set<string>();
  const subject = subjectOf(bom, () => {});
  const systems = componentsOf(bom, () => {}, 'operating-system');
  for (const component of subject ? [subject, ...systems] : systems) {
    const namespace = releaseOf(component);
    if (namespace !== undefined && schemeOf(namespace) !== undefined) namespaces.add(namespace);
  }
  const [namespace, ...others] = namespaces;
  return others.length === 0 ? namespace : undefined;
}

function releaseOf({ type, name, version, properties }: CycloneDxComponent): string | undefined {
  if (type !== 'operating-system') return undefined;
  const id = properties.get('syft:distro:id')?.[0] ?? name;
  const versionId = properties.get('syft:distro:versionID')?.[0] ?? version ?? '';
  return namespaceOfRelease(id, versionId);
}

function* packagesOf(
  bom: JsonFields,
  namespace: string | undefined,
  deviation: ReportDeviation,
): Generator<DocumentPackage> {
  const statements = new StatementsByRef(bom, deviation);
  const refs = new RepeatedRefs();
  const subject = subjectOf(bom, deviation);
  if (subject && isSoftware(subject)) yield packageOf(subject, statements, deviation);
  if (subject?.ref !== undefined) refs.add(subject);
  for (const component of componentsOf(bom, deviation)) {
    refs.add(component);
    // The release itself is the namespace of its packages, and no package.
    if (namespace !== undefined && releaseOf(component) === namespace) continue;
    yield packageOf(component, statements, deviation);
  }
  refs.report(deviation);
  statements.report(refs, deviation);
}

/** What a document is about is software to be judged where it can be looked up; images are not. */
function isSoftware({ purl, cpe }: CycloneDxComponent): boolean {
  return cpe !== undefined || (purl !== undefined && !/^pkg:(oci|docker)\//.test(purl));
}

/** Kinds of components that are no software of their own, unless a purl or CPE says otherwise. */
const NO_SOFTWARE: Readonly<Record<string, string>> = {
  file: 'it is a file, and nothing names its package',
  data: 'it is data, not software',
  'cryptographic-asset': 'it is a cryptographic asset, not software',
  'machine-learning-model': 'it is a machine-learning model, not software',
  device: 'it is hardware, not software',
};

function packageOf(
  component: CycloneDxComponent,
  statements: StatementsByRef,
  deviation: ReportDeviation,
): DocumentPackage {
  const { place, ref, type, group, name, version, purl, cpe, properties } = component;
  const fullName = group === undefined ? name : `${group}/${name}`;
  const cpes = [...(cpe === undefined ? [] : [cpe]), ...scannerCpes(properties)];
  const listed = documentPackage({ name: fullName, version, purl, cpes }, (what) => deviation(place, what));
  const said = statements.of(component);
  const own = properties.size > 0 ? packageFacts(properties) : undefined;
  if (own) {
    const ownName = properties.get('cvescan:name')?.[0] ?? (own.namespace === own.type ? listed.name : name);
    return {
      ...own,
      name: ownName,
      version: version ?? '',
      ...(purl !== undefined && { purl }),
      ...(ref !== undefined && { ref }),
      ...(said.length > 0 && { statements: said }),
    };
  }
  const isUnnamed = purl === undefined && cpes.length === 0;
  const filtered = isUnnamed && Object.hasOwn(NO_SOFTWARE, type) ? NO_SOFTWARE[type] : undefined;
  const buildOnly = properties.get('BR_TYPE')?.[0] === 'host' ? 'it is used to build, and is not installed' : undefined;
  return {
    ...listed,
    ...scannerFacts(properties, listed),
    ...inventoryFacts(properties),
    ...(ref !== undefined && { ref }),
    ...(said.length > 0 && { statements: said }),
    ...((filtered ?? buildOnly) !== undefined && { filtered: (filtered ?? buildOnly)! }),
  };
}

/** Source: https://cyclonedx.org/docs/1.7/json/#vulnerabilities_items_analysis_state. */
const KIND_BY_STATE: Readonly<Record<string, StatementKind>> = {
  resolved: 'patched',
  resolved_with_pedigree: 'patched',
  not_affected: 'ignored',
  false_positive: 'ignored',
  exploitable: 'affected',
  in_triage: 'under_investigation',
};

/** What `vulnerabilities` says of components, by their reference. */
class StatementsByRef {
  readonly #byRef = new StatementsBySubject();

  constructor(bom: JsonFields, deviation: ReportDeviation) {
    for (const vulnerability of vulnerabilitiesOf(bom, deviation)) {
      const statement = statementOf(vulnerability, deviation);
      if (!statement) continue;
      for (const ref of vulnerability.affects) this.#byRef.add(localRef(ref), statement);
    }
  }

  /** All that the document says of a component: properties, pedigree, analyses. */
  of({ ref, properties, resolved }: CycloneDxComponent): readonly VulnerabilityStatement[] {
    const analysed = ref === undefined ? [] : this.#byRef.of(ref);
    if (resolved.length === 0 && properties.size === 0) return analysed;
    return withoutRepeats([
      ...(inventoryFacts(properties).statements ?? []),
      ...analysed,
      ...resolved.map((vulnerabilityId) => ({ vulnerabilityId, kind: 'patched', source: PEDIGREE }) as const),
    ]);
  }

  /** Statements on what the document does not hold: a VEX document's own, which is applied to an inventory elsewhere. */
  report(refs: RepeatedRefs, deviation: ReportDeviation): void {
    const strange = [...this.#byRef.counts()].filter(([ref]) => !refs.has(ref));
    if (strange.length === 0) return;
    const count = strange.reduce((sum, [, statementCount]) => sum + statementCount, 0);
    deviation(
      'vulnerabilities',
      `make ${count} statements on components that this document does not have, the first on ${strange[0]?.[0]}`,
    );
  }
}

const PEDIGREE = 'cyclonedx pedigree';

function statementOf(
  { place, id, state, justification, detail }: CycloneDxVulnerability,
  deviation: ReportDeviation,
): VulnerabilityStatement | undefined {
  if (state === undefined) return undefined;
  const kind = Object.hasOwn(KIND_BY_STATE, state) ? KIND_BY_STATE[state] : undefined;
  if (kind === undefined) {
    deviation(`${place}.analysis.state`, `is ${JSON.stringify(state.slice(0, 40))}, which is no state`);
    return undefined;
  }
  const reason = justification ?? state;
  return { vulnerabilityId: id, kind, reason, ...(detail !== undefined && { detail }), source: 'cyclonedx analysis' };
}

/** `ref` of `urn:cdx:serial/version#ref` (a BOM-Link). */
function localRef(ref: string): string {
  const hash = ref.startsWith('urn:cdx:') ? ref.indexOf('#') : -1;
  return hash < 0 ? ref : decoded(ref.slice(hash + 1));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** References must be unique: a statement on one that is not concerns all that have it. */
class RepeatedRefs {
  readonly #seen = new Set<string>();
  #count = 0;
  #first: CycloneDxComponent | undefined;

  add(component: CycloneDxComponent): void {
    if (component.ref === undefined) return;
    if (this.#seen.has(component.ref)) {
      this.#count++;
      this.#first ??= component;
    } else this.#seen.add(component.ref);
  }

  has(ref: string): boolean {
    return this.#seen.has(ref);
  }

  report(deviation: ReportDeviation): void {
    if (!this.#first) return;
    const { place, ref } = this.#first;
    deviation(
      place,
      `has the bom-ref ${ref} of another component${this.#count > 1 ? `, as have ${this.#count - 1} more` : ''}`,
    );
  }
}
