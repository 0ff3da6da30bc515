import type { CsafDocument, CsafRemark, CsafVulnerability } from '../../../documents/csaf.ts';
import { parsePurl } from '../../../documents/purl.ts';
import type { AdvisoryQualifiers } from '../../../model/advisory.ts';
import type { FeedPart, FeedRecord } from '../../record.ts';
import { FIX_STATES, releaseOfCpe, SEVERITIES } from './words.ts';

type AdvisoryRecord = Extract<FeedRecord, { kind: 'advisory' }>;

/**
 * Red Hat's VEX document of one flaw as a part. A document that was taken back (`deleted`) is a part without records.
 *
 * Product ids name a package as a component of a product; the package's purl says name, version, architecture and module, the
 * product's CPE the release. Containers and products of no release say nothing of rpms and are left out.
 *
 * @param report takes a sentence on what cannot be read.
 */
export function readVex(document: CsafDocument, report: (message: string) => void): FeedPart {
  const revision = document.currentReleaseDate ?? '';
  if (document.status === 'deleted') return { part: document.id, revision, records: [] };
  const records = document.vulnerabilities.flatMap((vulnerability) => {
    const id = vulnerability.cve ?? document.id;
    return [describe(id, document, vulnerability), ...readStatements(id, document, vulnerability, report)];
  });
  return { part: document.id, revision, records };
}

function describe(id: string, document: CsafDocument, vulnerability: CsafVulnerability): FeedRecord {
  const description = vulnerability.notes.find(({ category }) => category === 'description')?.text;
  const summary = vulnerability.title ?? document.title;
  const severity = SEVERITIES.get(document.aggregateSeverity?.toLowerCase() ?? '');
  const { cwe, scores, references, releaseDate } = vulnerability;
  return {
    kind: 'vulnerability',
    id,
    ...(summary && { summary }),
    ...(description && { description }),
    ...(severity && { severity }),
    ...(scores.length > 0 && { cvss: uniqueScores(scores) }),
    ...(cwe && { cwes: [cwe] }),
    ...(references.length > 0 && { references: references.map(({ url }) => ({ url })) }),
    ...(releaseDate && { published: releaseDate }),
    ...(document.currentReleaseDate && { modified: document.currentReleaseDate }),
  };
}

/** A flaw that is scored apart for some products still has few vectors. */
function uniqueScores(scores: CsafVulnerability['scores']) {
  const byVector = new Map(scores.map((score) => [score.vector, { ...score, source: 'rhel' }]));
  return [...byVector.values()];
}

/** An rpm in a product. */
interface RpmProduct {
  readonly release: string;
  readonly cpe: string;
  readonly name: string;
  /** `[epoch:]version-release`; absent where the statement is of the package as such. */
  readonly version?: string;
  /** `src` for source packages; absent where all are meant. */
  readonly arch?: string;
  readonly module?: string;
}

function readStatements(
  id: string,
  document: CsafDocument,
  vulnerability: CsafVulnerability,
  report: (message: string) => void,
): AdvisoryRecord[] {
  const merger = new QualifierMerger();
  const remarks = indexRemarks(vulnerability);
  for (const [status, productIds] of vulnerability.productStatus) {
    if (!STATUSES.has(status)) continue;
    for (const productId of productIds) {
      const rpm = findRpm(document, productId, report);
      const verdict = rpm && readVerdict(status, rpm, productId, remarks);
      if (!rpm || !verdict) continue;
      const severity = remarks.severityOf(productId);
      merger.add(rpm, {
        advisoryId: id,
        vulnerabilityId: id,
        namespace: `rhel:${rpm.release}`,
        packageName: rpm.name,
        packageKind: rpm.arch === 'src' ? 'source' : 'binary',
        ...verdict,
        ...(severity && { severity }),
        link: verdict.link ?? `https://access.redhat.com/security/cve/${id}`,
      });
    }
  }
  return merger.records();
}

/** `first_affected`, `recommended` and the like are said of products that one of these names too. */
const STATUSES = new Set(['fixed', 'known_affected', 'known_not_affected', 'under_investigation']);

type Verdict = Pick<AdvisoryRecord, 'status' | 'affected' | 'fixState'> &
  Partial<Pick<AdvisoryRecord, 'advisoryId' | 'link' | 'note'>>;

const EVERY_VERSION = [{ introduced: '0' }] as const;

function readVerdict(status: string, rpm: RpmProduct, productId: string, remarks: Remarks): Verdict | undefined {
  switch (status) {
    case 'fixed': {
      // A source's version is stated with its epoch, which an installed package's source does not tell; binaries are all listed.
      if (rpm.version === undefined || rpm.arch === 'src') return undefined;
      const affected = [{ introduced: '0', fixed: rpm.version }];
      return { status: 'affected', affected, fixState: 'fixed', ...remarks.erratumOf(productId) };
    }
    case 'known_affected': {
      const word = remarks.stateOf(productId);
      const fixState = FIX_STATES.get(word ?? '') ?? 'unknown';
      return { status: 'affected', affected: EVERY_VERSION, fixState, ...(word && { note: word }) };
    }
    case 'under_investigation':
      return { status: 'under_investigation', affected: EVERY_VERSION, fixState: 'unknown' };
    default: {
      // With a version it is a build that never had the flaw, beside one that fixed it: nothing is said of older ones.
      if (rpm.version !== undefined) return undefined;
      const label = remarks.flagOf(productId);
      return { status: 'not_affected', affected: [], fixState: 'unknown', ...(label && { note: label }) };
    }
  }
}

function findRpm(document: CsafDocument, productId: string, report: (message: string) => void): RpmProduct | undefined {
  const relationship = document.relationshipById.get(productId);
  if (!relationship) return undefined;
  // Until 2025 a modular package was a component of a module, which was a component of the product.
  const outer = document.relationshipById.get(relationship.product);
  const cpe = document.productById.get(outer?.product ?? relationship.product)?.cpe;
  const release = cpe && releaseOfCpe(cpe);
  const purl = document.productById.get(relationship.component)?.purl;
  if (!cpe || !release || !purl?.startsWith('pkg:rpm/')) return undefined;
  const parsed = parsePurl(purl);
  if (!parsed) {
    report(`${productId}: ${JSON.stringify(purl)} is no package URL`);
    return undefined;
  }
  const { arch, epoch, rpmmod } = parsed.qualifiers;
  // `go-toolset:rhel8/go-toolset`: a package of a module, with the stream where a version stands.
  const stream = /^([^/:]+:[^/:]+)\//.exec(relationship.component)?.[1];
  const version = stream || !parsed.version?.includes('-') ? undefined : parsed.version;
  const module = streamOf(rpmmod ?? stream ?? outer?.component);
  return {
    release,
    cpe,
    name: parsed.name,
    ...(version && { version: epoch && epoch !== '0' ? `${epoch}:${version}` : version }),
    ...(arch && { arch }),
    ...(module && { module }),
  };
}

/** `nodejs:18` of `nodejs:18:8090020231019152822:a75119d5`; undefined for what names no stream. */
function streamOf(label: string | undefined): string | undefined {
  return label && /^[^:]+:[^:]+/.exec(label)?.[0];
}

interface Remarks {
  erratumOf(productId: string): Pick<Verdict, 'advisoryId' | 'link'>;
  stateOf(productId: string): string | undefined;
  flagOf(productId: string): string | undefined;
  severityOf(productId: string): AdvisoryRecord['severity'];
}

function indexRemarks({ remediations, threats, flags }: CsafVulnerability): Remarks {
  const fixes = byProduct(remediations.filter(({ category }) => category === 'vendor_fix'));
  const states = byProduct(
    remediations.filter(({ category }) => ['none_available', 'no_fix_planned', 'fix_planned'].includes(category)),
  );
  const labels = byProduct(flags);
  const impacts = byProduct(threats.filter(({ category }) => category === 'impact'));
  return {
    erratumOf: (productId) => {
      const url = fixes(productId)?.url;
      const advisoryId = url && /\/(RH[A-Z]{2}-\d{4}:\d+)$/.exec(url)?.[1];
      return advisoryId ? { advisoryId, link: url } : {};
    },
    stateOf: (productId) => states(productId)?.details.trim() || undefined,
    flagOf: (productId) => labels(productId)?.category,
    severityOf: (productId) => SEVERITIES.get(impacts(productId)?.details.toLowerCase() ?? ''),
  };
}

/** A remark without products is of all that no other remark names. */
function byProduct(remarks: readonly CsafRemark[]): (productId: string) => CsafRemark | undefined {
  const general = remarks.find(({ productIds }) => productIds.length === 0);
  const byId = new Map(remarks.flatMap((remark) => remark.productIds.map((id) => [id, remark] as const)));
  return (productId) => byId.get(productId) ?? general;
}

type Unqualified = Omit<AdvisoryRecord, 'kind' | 'qualifiers'>;

/**
 * Joins statements that differ in architecture or repository only, of which a document has up to a hundred. A row names the
 * repositories that have the same architectures, so that it never speaks of a pair that the document does not name.
 */
class QualifierMerger {
  readonly #arches = new Map<
    string,
    { readonly row: Unqualified; readonly rpm: RpmProduct; readonly arches: Set<string> }
  >();

  add(rpm: RpmProduct, row: Unqualified): void {
    const key = JSON.stringify([row, rpm.module, rpm.cpe]);
    const held = this.#arches.get(key) ?? { row, rpm, arches: new Set() };
    this.#arches.set(key, held);
    if (rpm.arch !== undefined && rpm.arch !== 'src') held.arches.add(rpm.arch);
  }

  records(): AdvisoryRecord[] {
    const merged = new Map<string, { readonly row: Unqualified; readonly qualifiers: Mutable<AdvisoryQualifiers> }>();
    for (const { row, rpm, arches: names } of this.#arches.values()) {
      const arches = [...names].sort();
      const key = JSON.stringify([row, rpm.module, arches]);
      const held = merged.get(key)?.qualifiers.repositoryCpes ?? [];
      const qualifiers = {
        ...(arches.length > 0 && { arches }),
        ...(rpm.module !== undefined && { module: rpm.module }),
        repositoryCpes: [...held, rpm.cpe].sort(),
      };
      merged.set(key, { row, qualifiers });
    }
    return [...merged.values()].map(({ row, qualifiers }) => ({ kind: 'advisory', ...row, qualifiers }));
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
