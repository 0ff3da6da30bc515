import { parseXmlTree, type XmlElement } from './xml-tree.ts';

/**
 * The part of XML Schema 1.0 that the CycloneDX schemas use, as a model to check documents by. Assertions (1.1) are not looked at.
 * Source: https://www.w3.org/TR/xmlschema-1/.
 */

/** What may stand in an element. */
export type Particle =
  | {
      readonly kind: 'element';
      readonly name: string;
      readonly type: () => XsdType;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly kind: 'group';
      readonly isChoice: boolean;
      readonly items: readonly Particle[];
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'any'; readonly isOther: boolean; readonly min: number; readonly max: number };

export interface XsdAttribute {
  readonly name: string;
  readonly isRequired: boolean;
  readonly type: () => XsdType;
}

/** A type: of text, with what is wrong with a value; or of elements and attributes. */
export interface XsdType {
  /** Absent where no text may stand. @returns what is wrong; undefined for nothing. */
  readonly faultOf?: (text: string) => string | undefined;
  /** Whether blanks around and between the words of its text mean nothing. */
  readonly collapses?: boolean;
  readonly content?: Particle;
  readonly attributes: readonly XsdAttribute[];
  readonly anyAttribute: boolean;
  /** Text between elements. */
  readonly isMixed: boolean;
}

/** A schema, by the names of its elements at the top. */
export interface XsdSchema {
  readonly uri: string;
  readonly elements: ReadonlyMap<string, () => XsdType>;
}

/** @param texts the schema, then those that it imports. */
export function readXsd(texts: readonly string[]): XsdSchema {
  const roots = texts.map(parseXmlTree);
  const reader = new XsdReader(roots);
  const [main] = roots;
  return { uri: attributeOf(main!, 'targetNamespace') ?? '', elements: reader.elementsOf(main!) };
}

const NO_CONTENT: Omit<XsdType, 'faultOf' | 'collapses' | 'content'> = {
  attributes: [],
  anyAttribute: false,
  isMixed: false,
};

class XsdReader {
  /** Named types and attribute groups of all schemas: their names do not meet. */
  readonly #named = new Map<string, XmlElement>();
  readonly #types = new Map<string, XsdType>();

  constructor(roots: readonly XmlElement[]) {
    for (const root of roots)
      for (const child of root.children)
        if (child.name !== 'element') this.#named.set(`${child.name} ${attributeOf(child, 'name')}`, child);
  }

  elementsOf(root: XmlElement): ReadonlyMap<string, () => XsdType> {
    const elements = root.children.filter(({ name }) => name === 'element');
    return new Map(elements.map((element) => [attributeOf(element, 'name') ?? '', this.#typeOf(element)]));
  }

  /** The type that an element or attribute names, or holds. Read when it is asked for: types hold themselves. */
  #typeOf(element: XmlElement): () => XsdType {
    const name = attributeOf(element, 'type');
    let type: XsdType | undefined;
    return () => {
      type ??= name === undefined ? this.#ownType(element) : this.#namedType(name);
      return type;
    };
  }

  #ownType(element: XmlElement): XsdType {
    const own = element.children.find(({ name }) => name === 'complexType' || name === 'simpleType');
    if (!own) return { ...NO_CONTENT, faultOf: () => undefined, isMixed: true, anyAttribute: true };
    return own.name === 'simpleType' ? this.#simpleType(own) : this.#complexType(own);
  }

  #namedType(qualified: string): XsdType {
    const known = this.#types.get(qualified);
    if (known) return known;
    const type = this.#readNamed(qualified);
    this.#types.set(qualified, type);
    return type;
  }

  #readNamed(qualified: string): XsdType {
    if (qualified.startsWith('xs:')) return builtIn(qualified.slice(3));
    const name = localOf(qualified);
    const simple = this.#named.get(`simpleType ${name}`);
    if (simple) return this.#simpleType(simple);
    const complex = this.#named.get(`complexType ${name}`);
    if (!complex) throw new Error(`the schema has no type ${qualified}`);
    return this.#complexType(complex);
  }

  #simpleType(element: XmlElement): XsdType {
    const union = childOf(element, 'union');
    if (union) {
      const named = (attributeOf(union, 'memberTypes') ?? '').split(/\s+/).filter((name) => name !== '');
      const members = [
        ...named.map((name) => this.#namedType(name)),
        ...union.children.filter(({ name }) => name === 'simpleType').map((own) => this.#simpleType(own)),
      ];
      return { ...NO_CONTENT, faultOf: (text) => faultOfAll(members, text) };
    }
    const restriction = childOf(element, 'restriction')!;
    const base = this.#namedType(attributeOf(restriction, 'base') ?? 'xs:string');
    return { ...NO_CONTENT, collapses: base.collapses === true, faultOf: restricted(restriction, base) };
  }

  #complexType(element: XmlElement): XsdType {
    const extension = childOf(childOf(element, 'simpleContent') ?? element, 'extension');
    const holder = extension ?? element;
    const attributes = this.#attributesOf(holder);
    const anyAttribute = this.#allowsAnyAttribute(holder);
    if (extension) {
      const base = this.#namedType(attributeOf(extension, 'base') ?? 'xs:string');
      return { ...base, attributes: [...base.attributes, ...attributes], anyAttribute };
    }
    const group = element.children.find(({ name }) => name === 'sequence' || name === 'choice');
    const isMixed = attributeOf(element, 'mixed') === 'true';
    return { attributes, anyAttribute, isMixed, ...(group && { content: this.#particle(group) }) };
  }

  #allowsAnyAttribute(element: XmlElement): boolean {
    if (childOf(element, 'anyAttribute')) return true;
    return this.#groupsOf(element).some((group) => this.#allowsAnyAttribute(group));
  }

  #groupsOf(element: XmlElement): readonly XmlElement[] {
    return element.children
      .filter(({ name }) => name === 'attributeGroup')
      .map((child) => this.#named.get(`attributeGroup ${localOf(attributeOf(child, 'ref') ?? '')}`)!);
  }

  #attributesOf(element: XmlElement): readonly XsdAttribute[] {
    const own = element.children
      .filter(({ name }) => name === 'attribute')
      .map((child) => ({
        name: attributeOf(child, 'name') ?? '',
        isRequired: attributeOf(child, 'use') === 'required',
        type: this.#typeOf(child),
      }));
    return [...own, ...this.#groupsOf(element).flatMap((group) => this.#attributesOf(group))];
  }

  #particle(element: XmlElement): Particle {
    const occurs = { min: Number(attributeOf(element, 'minOccurs') ?? 1), max: maxOf(element) };
    if (element.name === 'any')
      return { kind: 'any', isOther: attributeOf(element, 'namespace') === '##other', ...occurs };
    if (element.name === 'element')
      return { kind: 'element', name: attributeOf(element, 'name') ?? '', type: this.#typeOf(element), ...occurs };
    const items = element.children.filter(({ name }) => PARTICLES.has(name)).map((child) => this.#particle(child));
    return { kind: 'group', isChoice: element.name === 'choice', items, ...occurs };
  }
}

const PARTICLES: ReadonlySet<string> = new Set(['element', 'sequence', 'choice', 'any']);

function maxOf(element: XmlElement): number {
  const max = attributeOf(element, 'maxOccurs') ?? '1';
  return max === 'unbounded' ? Number.POSITIVE_INFINITY : Number(max);
}

/** The value of an attribute that has no prefix. */
export function attributeOf(element: XmlElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.uri === '' && attribute.name === name)?.value;
}

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

function localOf(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

function faultOfAll(members: readonly XsdType[], text: string): string | undefined {
  let first: string | undefined;
  for (const { faultOf } of members) {
    const fault = faultOf?.(text);
    if (fault === undefined) return undefined;
    first ??= fault;
  }
  return first;
}

/** How many allowed values are named. */
const MAX_NAMED = 20;

function restricted(
  restriction: XmlElement,
  { faultOf = () => undefined, collapses = false }: XsdType,
): (text: string) => string | undefined {
  const valuesOf = (name: string) =>
    restriction.children.filter((child) => child.name === name).map((child) => attributeOf(child, 'value') ?? '');
  const words = new Set(valuesOf('enumeration'));
  const patterns = valuesOf('pattern').map((pattern) => new RegExp(`^(?:${pattern})$`, 'u'));
  const one = (name: string) => valuesOf(name).map(Number)[0];
  const [minLength, maxLength] = [one('minLength') ?? 0, one('maxLength') ?? Number.POSITIVE_INFINITY];
  const [least, most] = [
    one('minInclusive') ?? Number.NEGATIVE_INFINITY,
    one('maxInclusive') ?? Number.POSITIVE_INFINITY,
  ];
  const isNumber = Number.isFinite(least) || Number.isFinite(most);
  return (written) => {
    const text = collapses ? collapsed(written) : written;
    const fault = faultOf(text);
    if (fault !== undefined) return fault;
    if (words.size > 0 && !words.has(text))
      return `must be one of ${[...words].slice(0, MAX_NAMED).join(', ')}${words.size > MAX_NAMED ? ', …' : ''}`;
    if (patterns.length > 0 && !patterns.some((pattern) => pattern.test(text)))
      return `must match the pattern ${patterns[0]?.source}`;
    if (text.length < minLength) return `must have ${minLength} or more characters`;
    if (text.length > maxLength) return `must have ${maxLength} or fewer characters`;
    if (isNumber && !(Number(text) >= least && Number(text) <= most)) return `must be between ${least} and ${most}`;
    return undefined;
  };
}

const BUILT_IN: Readonly<Record<string, RegExp>> = {
  boolean: /^(true|false|0|1)$/,
  date: /^-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?$/,
  dateTime: /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/,
  decimal: /^[+-]?(\d+(\.\d*)?|\.\d+)$/,
  integer: /^[+-]?\d+$/,
  nonNegativeInteger: /^(\+?\d+|-0+)$/,
  positiveInteger: /^\+?0*[1-9]\d*$/,
};

function builtIn(name: string): XsdType {
  const pattern = BUILT_IN[name];
  return {
    ...NO_CONTENT,
    collapses: name !== 'string' && name !== 'normalizedString',
    faultOf: (text) =>
      pattern === undefined || pattern.test(collapsed(text)) ? undefined : `must be of the type ${name}`,
  };
}

function collapsed(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
