import { ScannerError } from '../model/errors.ts';
import { readXml, type XmlHandler } from './xml.ts';

/** A definition of an OVAL document: what a publisher says of one erratum or flaw. Source: https://oval.mitre.org, schema 5.10. */
export interface OvalDefinition {
  /** e.g. `oval:com.redhat.rhsa:def:20224765`. */
  readonly id: string;
  /** `patch` or `vulnerability`. */
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly platforms: readonly string[];
  readonly references: readonly OvalReference[];
  /** The publisher's word. */
  readonly severity?: string;
  /** `YYYY-MM-DD`, as far as stated. */
  readonly issued?: string;
  readonly updated?: string;
  readonly cves: readonly OvalCve[];
  /** CPEs of the products that it speaks of (Red Hat). */
  readonly cpes: readonly string[];
  /** What the publisher does about components without a fix (Red Hat). */
  readonly resolutions: readonly OvalResolution[];
  readonly criteria?: OvalCriteria;
}

/** A name of the definition elsewhere: `RHSA`, `elsa` or `CVE`. */
export interface OvalReference {
  readonly source: string;
  readonly id: string;
  readonly url?: string;
}

/** A flaw that an advisory names, with attributes as written, e.g. `cvss3`: `7.5/CVSS:3.1/AV:N/…`. */
export interface OvalCve {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** e.g. `Will not fix`, and the components that it concerns. */
export interface OvalResolution {
  readonly state: string;
  readonly components: readonly string[];
}

/** A node of the condition under which a definition applies; its leaves are comments such as `bind is earlier than 30:9.3.3-8.el5`. */
export interface OvalCriteria {
  readonly operator: 'AND' | 'OR';
  readonly children: readonly (OvalCriteria | string)[];
}

/** Bounds of reading OVAL. */
export interface OvalLimits {
  /** Criteria within criteria; real ones have five levels. */
  readonly maxCriteriaDepth: number;
  /** Characters of one text; the longest description of any feed has some 200,000. */
  readonly maxTextChars: number;
}

const DEFAULT_LIMITS: OvalLimits = { maxCriteriaDepth: 32, maxTextChars: 8 << 20 };

/**
 * Reads the definitions of an OVAL document one by one. Tests, objects and states behind them are not looked at: what they hold is
 * in the comments of the criteria too.
 *
 * @throws ScannerError `feed.malformed` for XML that is not well-formed, is cut within the definitions or has none,
 *   `feed.limit-exceeded`.
 */
export async function* readOvalDefinitions(
  chunks: AsyncIterable<Buffer>,
  limits: Partial<OvalLimits> = {},
): AsyncGenerator<OvalDefinition> {
  yield* readXml(chunks, new DefinitionBuilder({ ...DEFAULT_LIMITS, ...limits }), 'OVAL');
}

/** Where in the metadata a text belongs. */
type TextField = 'title' | 'description' | 'platform' | 'severity' | 'cve' | 'cpe' | 'component';
const TEXT_FIELDS: ReadonlySet<string> = new Set([
  'title',
  'description',
  'platform',
  'severity',
  'cve',
  'cpe',
  'component',
] satisfies TextField[]);

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };
type Draft = Mutable<OvalDefinition>;
interface CriteriaDraft {
  operator: 'AND' | 'OR';
  children: (OvalCriteria | string)[];
}

/** Builds definitions from the events of a parser. */
class DefinitionBuilder implements XmlHandler<OvalDefinition> {
  isDone = false;
  readonly #limits: OvalLimits;
  #finished: OvalDefinition[] = [];
  #draft: Draft | undefined;
  #text: string | undefined;
  #attributes: Readonly<Record<string, string>> = {};
  /** Open criteria, the outermost first. */
  #criteria: CriteriaDraft[] = [];

  constructor(limits: OvalLimits) {
    this.#limits = limits;
  }

  take(): readonly OvalDefinition[] {
    const finished = this.#finished;
    this.#finished = [];
    return finished;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'definition') {
      const { id = '', class: kind = '' } = attributes;
      const lists = { platforms: [], references: [], cves: [], cpes: [], resolutions: [] };
      this.#draft = { id, kind, title: '', description: '', ...lists };
      return;
    }
    const draft = this.#draft;
    if (!draft) return;
    if (TEXT_FIELDS.has(name)) {
      this.#text = '';
      this.#attributes = attributes;
    } else if (name === 'reference') {
      const { source = '', ref_id: id = '', ref_url: url } = attributes;
      draft.references.push({ source, id, ...(url && { url }) });
    } else if (name === 'issued' || name === 'updated') {
      if (attributes.date) draft[name] = attributes.date;
    } else if (name === 'resolution') {
      draft.resolutions.push({ state: attributes.state ?? '', components: [] });
    } else if (name === 'criteria') {
      this.#openCriteria(attributes.operator === 'OR' ? 'OR' : 'AND');
    } else if (name === 'criterion') {
      this.#criteria.at(-1)?.children.push(attributes.comment ?? '');
    }
  }

  text(text: string): void {
    if (this.#text === undefined) return;
    this.#text += text;
    if (this.#text.length > this.#limits.maxTextChars) throw limitExceeded('maxTextChars', this.#limits.maxTextChars);
  }

  close(name: string): void {
    if (name === 'definitions') this.isDone = true;
    const draft = this.#draft;
    if (!draft) return;
    if (name === 'definition') {
      this.#finished.push(draft);
      this.#draft = undefined;
    } else if (name === 'criteria') {
      this.#closeCriteria(draft);
    } else if (this.#text !== undefined && TEXT_FIELDS.has(name)) {
      this.#closeText(draft, name as TextField, this.#text.trim());
      this.#text = undefined;
    }
  }

  #closeText(draft: Draft, field: TextField, text: string): void {
    if (field === 'title' || field === 'description' || field === 'severity') draft[field] = text;
    else if (field === 'platform') draft.platforms.push(text);
    else if (field === 'cve') draft.cves.push({ id: text, attributes: this.#attributes });
    else if (field === 'cpe') draft.cpes.push(text);
    else (draft.resolutions.at(-1)?.components as string[] | undefined)?.push(text);
  }

  #openCriteria(operator: 'AND' | 'OR'): void {
    this.#criteria.push({ operator, children: [] });
    const { maxCriteriaDepth } = this.#limits;
    if (this.#criteria.length > maxCriteriaDepth) throw limitExceeded('maxCriteriaDepth', maxCriteriaDepth);
  }

  #closeCriteria(draft: Draft): void {
    const closed = this.#criteria.pop();
    if (!closed) return;
    const outer = this.#criteria.at(-1);
    if (outer) outer.children.push(closed);
    else draft.criteria = closed;
  }
}

function limitExceeded(limit: string, value: number): ScannerError {
  return new ScannerError('feed.limit-exceeded', `OVAL: a definition exceeds ${limit} = ${value}`, { limit, value });
}
