import type { Advisory, AdvisoryQualifiers, PackageKind } from '../model/advisory.ts';
import { isErratum, isErratumWithoutSecurity } from '../model/erratum.ts';
import { GIT_NAMESPACE } from '../model/namespace.ts';
import { canonicalPackageName } from '../model/package-name.ts';
import type { ReportProblem } from '../model/problem.ts';
import type { Severity } from '../model/severity.ts';
import type { FixState } from '../model/status.ts';
import type { Cvss } from '../model/vulnerability.ts';
import {
  baseEcosystem,
  isOfCommits,
  LANGUAGE_NAMESPACES,
  type OsvPlace,
  placeOf as placeOfEcosystem,
} from './osv-ecosystems.ts';
import { readCommits, readVersions } from './osv-ranges.ts';
import type { FeedRecord } from './record.ts';
import type { OsvAffected, OsvRecord } from './schemas/osv.ts';

/** Where a record was found. */
export interface OsvPlacement {
  /** The ecosystem whose archive it lies in: what it says of packages of others lies in theirs too. Absent: all are looked at. */
  readonly ecosystem?: string;
  readonly problem: ReportProblem;
  /** Where an affected package lives; `ignored` for what is none of our releases. Default: as OSV's own ecosystems are placed. */
  readonly placeOf?: (ecosystem: string, fixedVersion: string | undefined) => OsvPlace | 'ignored' | undefined;
  /** Default `binary`. */
  readonly packageKind?: PackageKind;
}

/**
 * What one OSV record says: of language packages the vulnerability itself and an advisory a package; an erratum (ALSA, RLSA, RHSA)
 * speaks of the CVEs that it names, one advisory for each and each package.
 *
 * A withdrawn record keeps its text, so that a search finds why, and states nothing of packages any more.
 */
export function recordsOf(osv: OsvRecord, placement: OsvPlacement): readonly FeedRecord[] {
  const vulnerabilityIds = vulnerabilitiesOf(osv);
  const ownText = vulnerabilityIds.includes(osv.id) ? [vulnerabilityRecord(osv)] : [];
  if (osv.withdrawn !== undefined) return ownText;
  const statements = statementsOf(osv, placement);
  const advisories = vulnerabilityIds.flatMap((vulnerabilityId) =>
    statements.map((statement): FeedRecord => ({ kind: 'advisory', ...statement, vulnerabilityId })),
  );
  return [...ownText, ...advisories];
}

/**
 * The record's own id; of an erratum the vulnerabilities that it names: its `upstream`, else `related`, else `aliases`, else its
 * references; of these the CVEs where there are any. One on bugs or features that names none speaks of no vulnerability.
 */
function vulnerabilitiesOf({ id, upstream, related, aliases, references }: OsvRecord): readonly string[] {
  if (!isErratum(id)) return [id];
  const mentioned = references.flatMap(({ url }) => url.match(/\bCVE-\d{4}-\d{4,}\b/g) ?? []);
  for (const stated of [upstream, related, aliases, mentioned]) {
    const ids = [...new Set(stated)].filter((named) => named !== id && !isErratum(named));
    const cves = ids.filter((named) => named.startsWith('CVE-'));
    if (ids.length > 0) return cves.length > 0 ? cves : ids;
  }
  return isErratumWithoutSecurity(id) ? [] : [id];
}

type Statement = Omit<Advisory, 'source' | 'vulnerabilityId'>;

function statementsOf(osv: OsvRecord, placement: OsvPlacement): readonly Statement[] {
  const { ecosystem, problem, placeOf = placeOfEcosystem, packageKind = 'binary' } = placement;
  const severity = severityOf(osv);
  const link = isErratum(osv.id) ? osv.references.find(({ tags }) => tags?.[0] === 'ADVISORY')?.url : undefined;
  const common = {
    ...{ advisoryId: osv.id, packageKind },
    ...(severity && { severity }),
    ...(link && { link }),
  };
  const byContent = new Map<string, Statement & { repositoryCpes: string[] }>();
  const ofCommits: Statement[] = [];
  for (const affected of osv.affected) {
    if (ecosystem !== undefined && baseEcosystem(affected.ecosystem) !== ecosystem) continue;
    ofCommits.push(...commitStatements(affected, common));
    if (isOfCommits(affected.ecosystem)) continue;
    const versions = readVersions(affected);
    const place = placeOf(affected.ecosystem, versions.affected[0]?.fixed);
    if (place === 'ignored') continue;
    if (!place) {
      problem({ code: 'updater.unknown-ecosystem', message: `no release can be told from ${affected.ecosystem}` });
      continue;
    }
    for (const module of modulesOf(osv, affected)) {
      const statement: Statement = {
        ...common,
        namespace: place.namespace,
        packageName: canonicalPackageName(place.namespace, affected.name),
        status: versions.isUndecided ? 'under_investigation' : 'affected',
        affected: versions.affected,
        ...(affected.versions.length > 0 && { versions: affected.versions }),
        fixState: versions.fixState,
        ...(module && { qualifiers: { module } }),
        ...noteOf(affected, versions.isUndecided),
      };
      const key = keyOf(statement);
      const held = byContent.get(key) ?? { ...statement, repositoryCpes: [] };
      if (place.repositoryCpe && !held.repositoryCpes.includes(place.repositoryCpe)) {
        held.repositoryCpes.push(place.repositoryCpe);
      }
      byContent.set(key, held);
    }
  }
  return [...joinRanges([...byContent.values()].map(withCpes)), ...ofCommits];
}

/** One statement on a repository for each GIT range, as each is judged by itself. */
function* commitStatements(
  { ranges }: OsvAffected,
  common: Pick<Statement, 'advisoryId' | 'packageKind'>,
): Generator<Statement> {
  for (const range of ranges) {
    const affected = range.type === 'GIT' ? readCommits(range) : [];
    if (range.repository === undefined || affected.length === 0) continue;
    yield {
      ...common,
      namespace: GIT_NAMESPACE,
      packageName: canonicalPackageName(GIT_NAMESPACE, range.repository),
      status: 'affected',
      affected,
      fixState: range.events.some(({ kind }) => kind === 'fixed') ? 'fixed' : 'unknown',
    };
  }
}

/**
 * GitHub lists a language package once for each range: they are one statement, as any range that holds a version makes it affected.
 * Distributions' entries stay apart, as their ranges belong to repositories and modules.
 */
function joinRanges(statements: readonly Statement[]): readonly Statement[] {
  const ofPackage = Map.groupBy(statements, (statement) => {
    const { namespace, packageName, status, note = '' } = statement;
    return LANGUAGE_NAMESPACES.has(namespace) ? `${namespace}\n${packageName}\n${status}\n${note}` : statement;
  });
  return [...ofPackage.values()].map(([first, ...others]) =>
    others.length === 0 ? first! : joined([first!, ...others]),
  );
}

function joined(statements: readonly [Statement, ...Statement[]]): Statement {
  const { versions: _, ...first } = statements[0];
  const versions = [...new Set(statements.flatMap((one) => one.versions ?? []))];
  return {
    ...first,
    affected: statements.flatMap(({ affected }) => affected),
    ...(versions.length > 0 && { versions }),
    fixState: joinedFixState(statements.map(({ fixState }) => fixState)),
  };
}

/** That some range has a fix; whether the one that holds a version has, its end says. */
function joinedFixState(states: readonly FixState[]): FixState {
  if (states.includes('fixed')) return 'fixed';
  return states.every((state) => state === 'not_fixed') ? 'not_fixed' : 'unknown';
}

/** What tells statements of one record apart; the rest of them follows from it. */
function keyOf({ namespace, packageName, qualifiers, affected, versions = [], note = '' }: Statement): string {
  let key = `${namespace}\n${packageName}\n${qualifiers?.module ?? ''}\n${note}\n${versions.join(' ')}`;
  for (const { introduced, fixed = '', lastAffected = '' } of affected)
    key += `\n${introduced} ${fixed} ${lastAffected}`;
  return key;
}

/** The same statement on several of Red Hat's repositories is one advisory that names them all. */
function withCpes({
  repositoryCpes,
  ...statement
}: Statement & { readonly repositoryCpes: readonly string[] }): Statement {
  if (repositoryCpes.length === 0) return statement;
  const qualifiers: AdvisoryQualifiers = { ...statement.qualifiers, repositoryCpes };
  return { ...statement, qualifiers };
}

function noteOf({ informational }: OsvAffected, isUndecided: boolean): { readonly note?: string } {
  if (isUndecided) return { note: 'the order of the range events cannot be told' };
  return informational ? { note: informational } : {};
}

/** Builds of a module are marked `.module+el8…`, AlmaLinux's `.module_el8…`. */
const MODULAR_RELEASE = /\.module[+_]el/;

/**
 * The streams that a modular package belongs to, as the erratum's title names them (`nodejs:14`, `virt:rhel and virt-devel:rhel`).
 * `[undefined]` for a package of no module, and for one whose title names none: the mark in its version still tells it from others.
 */
function modulesOf({ summary = '' }: OsvRecord, { ranges }: OsvAffected): readonly (string | undefined)[] {
  const isModular = ranges.some(({ events }) => events.some(({ version }) => MODULAR_RELEASE.test(version)));
  if (!isModular) return [undefined];
  const streams = [...summary.matchAll(/(?<![\w:.+-])([a-z][\w.+-]*:[\w.-]*\w)/g)].map(([, stream]) => stream!);
  return streams.length > 0 ? [...new Set(streams)] : [undefined];
}

const SEVERITY_WORDS: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  medium: 'medium',
  moderate: 'medium',
  low: 'low',
  none: 'negligible',
};

/** The publisher's word: GitHub's field, or the first word of an erratum's title (`Important: openssl security update`). */
function severityOf({ id, severityWord, summary }: OsvRecord): Severity | undefined {
  const word = severityWord ?? (isErratum(id) ? /^(\w+):\s/.exec(summary ?? '')?.[1] : undefined);
  return word === undefined ? undefined : SEVERITY_WORDS[word.toLowerCase()];
}

function vulnerabilityRecord(osv: OsvRecord): FeedRecord {
  const { id, summary, details, published, modified, withdrawn, references, cwes } = osv;
  const severity = severityOf(osv);
  const cvss = osv.severity.flatMap(({ type, score }) => cvssOf(type, score));
  const aliases = osv.aliases.filter((alias) => alias !== id && !isErratum(alias));
  return {
    kind: 'vulnerability',
    id,
    ...(summary && { summary }),
    ...(details && { description: details }),
    ...(severity && { severity }),
    ...(cvss.length > 0 && { cvss }),
    ...(cwes.length > 0 && { cwes }),
    ...(references.length > 0 && { references }),
    ...(isDate(published) && { published }),
    ...(isDate(modified) && { modified }),
    ...(withdrawn && { withdrawn }),
    ...(aliases.length > 0 && { aliases }),
  };
}

/** Go's database writes the year 1 where it knows none. */
function isDate(date: string | undefined): date is string {
  return date !== undefined && !date.startsWith('0001-');
}

/** Vectors say their version, except those of CVSS 2. */
function cvssOf(type: string, vector: string): readonly Cvss[] {
  if (!type.startsWith('CVSS_V')) return [];
  const version = type === 'CVSS_V2' ? '2.0' : /^CVSS:(\d\.\d)\//.exec(vector)?.[1];
  return version === undefined ? [] : [{ version, vector, source: 'osv' }];
}
