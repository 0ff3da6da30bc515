import type { Reference } from '../../model/vulnerability.ts';
import { asFields, asList, asText, asTexts } from '../../platform/json-values.ts';

/** One OSV record: what we use of it. Source: https://ossf.github.io/osv-schema/ (1.0 to 1.7). */
export interface OsvRecord {
  readonly id: string;
  readonly modified: string;
  readonly published: string | undefined;
  readonly withdrawn: string | undefined;
  readonly aliases: readonly string[];
  readonly upstream: readonly string[];
  readonly related: readonly string[];
  readonly summary: string | undefined;
  readonly details: string | undefined;
  readonly severity: readonly OsvSeverity[];
  readonly affected: readonly OsvAffected[];
  readonly references: readonly Reference[];
  /** The publisher's word, e.g. GitHub's `MODERATE`. */
  readonly severityWord: string | undefined;
  readonly cwes: readonly string[];
}

/** `{type: CVSS_V3, score: CVSS:3.1/AV:N…}` */
export interface OsvSeverity {
  readonly type: string;
  readonly score: string;
}

export interface OsvAffected {
  readonly ecosystem: string;
  readonly name: string;
  readonly ranges: readonly OsvRange[];
  readonly versions: readonly string[];
  /** RustSec's `unmaintained`, `unsound`, `notice`. */
  readonly informational: string | undefined;
}

export interface OsvRange {
  /** `SEMVER`, `ECOSYSTEM` or `GIT`. */
  readonly type: string;
  /** URL, of a `GIT` range. */
  readonly repository?: string;
  readonly events: readonly OsvEvent[];
}

export interface OsvEvent {
  readonly kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  readonly version: string;
}

/**
 * Reads a record.
 * @returns undefined when it has no id or no date: then it is no record.
 */
export function readOsvRecord(value: unknown): OsvRecord | undefined {
  const fields = asFields(value);
  const [id, modified] = [asText(fields.id), asText(fields.modified)];
  if (!id || !modified || Number.isNaN(Date.parse(modified))) return undefined;
  const specific = asFields(fields.database_specific);
  return {
    id,
    modified,
    published: asText(fields.published),
    withdrawn: asText(fields.withdrawn),
    aliases: asTexts(fields.aliases),
    upstream: asTexts(fields.upstream),
    related: asTexts(fields.related),
    summary: asText(fields.summary),
    details: asText(fields.details),
    severity: readSeverity(fields.severity),
    affected: asList(fields.affected).flatMap(readAffected),
    references: readReferences(fields.references),
    severityWord: asText(specific.severity),
    cwes: asTexts(specific.cwe_ids),
  };
}

function readSeverity(severity: unknown): readonly OsvSeverity[] {
  return asList(severity)
    .map(asFields)
    .flatMap(({ type, score }) =>
      asText(type) && asText(score) ? [{ type: type as string, score: score as string }] : [],
    );
}

/** What names no package speaks of repositories' commits; OSV keeps it in the archive `GIT`. */
function readAffected(value: unknown): readonly OsvAffected[] {
  const fields = asFields(value);
  const named = asFields(fields.package);
  const [ecosystem = 'GIT', name = ''] = [asText(named.ecosystem), asText(named.name)];
  if (ecosystem === '' || (name === '' && ecosystem !== 'GIT')) return [];
  return [
    {
      ecosystem,
      name,
      ranges: asList(fields.ranges).map(readRange),
      versions: asTexts(fields.versions),
      informational: asText(asFields(fields.database_specific).informational),
    },
  ];
}

const EVENT_KINDS = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

function readRange(value: unknown): OsvRange {
  const { type, repo, events } = asFields(value);
  const read: OsvEvent[] = [];
  for (const event of asList(events).map(asFields)) {
    for (const kind of EVENT_KINDS) {
      const version = asText(event[kind]);
      if (version !== undefined) read.push({ kind, version });
    }
  }
  const repository = asText(repo);
  return { type: asText(type) ?? '', ...(repository && { repository }), events: read };
}

function readReferences(references: unknown): readonly Reference[] {
  const byUrl = new Map<string, Reference>();
  for (const { url, type } of asList(references).map(asFields)) {
    const [address, tag] = [asText(url), asText(type)];
    if (address && !byUrl.has(address)) byUrl.set(address, tag ? { url: address, tags: [tag] } : { url: address });
  }
  return [...byUrl.values()];
}
