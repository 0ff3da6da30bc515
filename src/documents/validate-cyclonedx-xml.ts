import { CYCLONEDX_VERSIONS, readSchema, type Violation } from './cyclonedx-schemas.ts';
import { parseXmlTree, type XmlElement } from './xml-tree.ts';
import { attributeOf, type Particle, readXsd, type XsdType } from './xsd.ts';

const NAMESPACE = 'http://cyclonedx.org/schema/bom/';

/**
 * What is wrong with a CycloneDX document in XML, by the schema of its version.
 *
 * @returns empty for a valid document.
 * @throws ScannerError `document.malformed` where it is not well-formed.
 */
export function validateCycloneDxXml(text: string): readonly Violation[] {
  const root = parseXmlTree(text);
  const version = CYCLONEDX_VERSIONS.find((one) => root.uri === `${NAMESPACE}${one}`);
  if (root.name !== 'bom' || version === undefined)
    return [{ place: `line ${root.line}`, what: `must be a bom of ${NAMESPACE}${CYCLONEDX_VERSIONS.join(', ')}` }];
  const schema = readXsd([readSchema(`bom-${version}.SNAPSHOT.xsd`), readSchema('spdx.SNAPSHOT.xsd')]);
  const check = new Check(root.uri);
  check.element(root, schema.elements.get('bom')!(), 'bom');
  check.relations(root);
  return check.violations;
}

/** Whoever reads a list of faults has seen enough by then. */
const MAX_VIOLATIONS = 100;

interface Matched {
  readonly child: XmlElement;
  readonly type: XsdType;
}

class Check {
  readonly violations: Violation[] = [];
  readonly #uri: string;

  constructor(uri: string) {
    this.#uri = uri;
  }

  element(element: XmlElement, type: XsdType, path: string): void {
    this.#attributes(element, type, path);
    if (type.faultOf) {
      const [child] = element.children;
      const fault = child && !type.isMixed ? `must not hold the element ${child.name}` : type.faultOf(element.text);
      if (fault !== undefined) this.#report(element, path, fault);
      return;
    }
    if (!type.isMixed && element.text.trim() !== '') this.#report(element, path, 'must not hold text');
    this.#children(element, type, path);
  }

  /** What is said of elements with one another: a reference is one element's, only what is not here may have a range of versions. */
  relations(root: XmlElement): void {
    const seen = new Set<string>();
    const visit = (element: XmlElement): void => {
      const isExternal = ['true', '1'].includes(attributeOf(element, 'isExternal') ?? '');
      if (!isExternal && element.children.some(({ name }) => name === 'versionRange'))
        this.#report(element, element.name, 'must not have a versionRange without isExternal="true"');
      const reference = attributeOf(element, 'bom-ref');
      if (reference !== undefined && seen.has(reference))
        this.#report(element, `${element.name}/@bom-ref`, 'must be unique in the document');
      if (reference !== undefined) seen.add(reference);
      for (const child of element.children) visit(child);
    };
    visit(root);
  }

  #report({ line }: XmlElement, path: string, what: string): void {
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push({ place: `line ${line}, ${path}`, what });
  }

  #attributes(element: XmlElement, { attributes, anyAttribute }: XsdType, path: string): void {
    for (const { name, isRequired, type } of attributes) {
      const value = attributeOf(element, name);
      if (value === undefined && isRequired) this.#report(element, path, `must have the attribute ${name}`);
      const fault = value === undefined ? undefined : type().faultOf?.(value);
      if (fault !== undefined) this.#report(element, `${path}/@${name}`, fault);
    }
    if (anyAttribute) return;
    const known = new Set(attributes.map(({ name }) => name));
    for (const { name, uri } of element.attributes)
      if (uri === '' && !known.has(name)) this.#report(element, path, `must not have the attribute ${name}`);
  }

  #children(element: XmlElement, { content }: XsdType, path: string): void {
    const matching = new Matching(element.children, this.#uri);
    const end = content === undefined ? 0 : matching.match(content, 0);
    if (end !== element.children.length) {
      const child = element.children[Math.max(end ?? 0, matching.farthest)];
      const wanted = matching.expected.length > 0 ? `; expected: ${matching.expected.join(', ')}` : '';
      if (child) this.#report(child, `${path}/${child.name}`, `must not stand here${wanted}`);
      else this.#report(element, path, `lacks an element${wanted}`);
    }
    const counts = new Map<string, number>();
    for (const { child, type } of matching.matched) {
      const count = (counts.get(child.name) ?? 0) + 1;
      counts.set(child.name, count);
      this.element(child, type, `${path}/${child.name}[${count}]`);
    }
  }
}

/** Matches children with what may stand there. Schemas are deterministic: the next child decides, nothing is tried twice. */
class Matching {
  readonly matched: Matched[] = [];
  /** Where matching came to at most, and what would have gone on. */
  farthest = 0;
  expected: string[] = [];
  readonly #children: readonly XmlElement[];
  readonly #uri: string;

  constructor(children: readonly XmlElement[], uri: string) {
    this.#children = children;
    this.#uri = uri;
  }

  /** @returns where the particle ends; undefined where it does not match. */
  match(particle: Particle, from: number): number | undefined {
    let at = from;
    for (let count = 0; count < particle.max; count++) {
      const kept = this.matched.length;
      const next = this.#once(particle, at);
      if (next === undefined) {
        this.matched.length = kept;
        return count >= particle.min ? at : undefined;
      }
      if (next === at) return at;
      at = next;
    }
    return at;
  }

  #once(particle: Particle, at: number): number | undefined {
    if (particle.kind === 'group') {
      if (particle.isChoice) return this.#choose(particle.items, at);
      let end: number | undefined = at;
      for (const item of particle.items) {
        end = this.match(item, end);
        if (end === undefined) return undefined;
      }
      return end;
    }
    const child = this.#children[at];
    if (particle.kind === 'any') {
      const isAllowed = child !== undefined && (!particle.isOther || child.uri !== this.#uri);
      return isAllowed ? at + 1 : undefined;
    }
    if (child === undefined || child.name !== particle.name || child.uri !== this.#uri) {
      this.#miss(particle.name, at);
      return undefined;
    }
    this.matched.push({ child, type: particle.type() });
    return at + 1;
  }

  /** The alternative that takes a child; else one that may be empty. */
  #choose(items: readonly Particle[], at: number): number | undefined {
    let empty: number | undefined;
    for (const item of items) {
      const kept = this.matched.length;
      const end = this.match(item, at);
      if (end !== undefined && end > at) return end;
      this.matched.length = kept;
      empty ??= end;
    }
    return empty;
  }

  #miss(name: string, at: number): void {
    if (at < this.farthest) return;
    if (at > this.farthest) this.expected = [];
    this.farthest = at;
    if (!this.expected.includes(name)) this.expected.push(name);
  }
}
