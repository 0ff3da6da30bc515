import { createHash } from 'node:crypto';
import { type OvalDefinition, readOvalDefinitions } from '../../documents/oval.ts';
import { type RpmStatement, rpmStatements } from '../../documents/oval-rpm.ts';
import { ScannerError } from '../../model/errors.ts';
import type { ReportProblem } from '../../model/problem.ts';
import type { Severity } from '../../model/severity.ts';
import type { FeedRecord } from '../record.ts';
import type { Coverage, Updater } from '../updater.ts';

const ERRATA = 'https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2';
const DOCUMENT = 'com.oracle.elsa-all.xml';

/**
 * Oracle Linux errata: one OVAL document of all years, replaced whole; one part an erratum, so that an update rewrites what changed.
 *
 * Builds for Ksplice (`.ksplice1.`) and certified ones (`_fips`) are patched apart from the packages of the same name. Their rows
 * keep the mark in the fixed version, by which matching tells them from plain packages.
 * Source: https://linux.oracle.com/security/oval/
 */
export const oracleUpdater: Updater = {
  name: 'oracle',
  title: 'Oracle Linux errata (OVAL)',
  homepage: 'https://linux.oracle.com/security/',
  licence: 'none stated; copyright Oracle',
  version: 1,
  fullReadSeconds: 6,
  covers: (namespace) => COVERAGE.get(namespace),

  async *fetch({ http, previous }) {
    const answer = await http.get(ERRATA, { ifRevision: previous.revisionOf(DOCUMENT), maxBytes: 2 * 1024 ** 3 });
    if (!answer) yield { kind: 'unchanged', name: DOCUMENT };
    else yield { kind: 'document', document: { name: DOCUMENT, revision: answer.revision, body: answer.body } };
  },

  async *parse({ name, body }, { problem }) {
    const ids = new Set<string>();
    for await (const definition of readOvalDefinitions(body.stream())) {
      const { id } = definition;
      const records = readErratum(definition, name, problem);
      if (ids.has(id)) {
        problem({ code: 'updater.repeated-entry', message: `${id} comes again; the first counts`, path: name });
      } else if (records) yield { part: id, revision: hashOf(definition), records };
      ids.add(id);
    }
    if (ids.size === 0) throw new ScannerError('feed.malformed', `${name} has no definitions`, { document: name });
  },
};

/** A part's revision says "nothing new" of one erratum; OVAL states none. */
function hashOf(definition: OvalDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex').slice(0, 32);
}

function readErratum(definition: OvalDefinition, document: string, problem: ReportProblem): FeedRecord[] | undefined {
  const report = (message: string) =>
    problem({ code: 'updater.incomplete-entry', message: `${definition.id}: ${message}`, path: document });
  const reference = definition.references.find(({ source }) => source.toLowerCase() === 'elsa');
  const advisoryId = reference?.id ?? /^ELSA-\d{4}-\d+/.exec(definition.title)?.[0];
  if (!advisoryId) {
    report('names no erratum');
    return undefined;
  }
  const statements = mergeArches(readStatements(definition, report));
  if (statements.length === 0) report('names no package');

  const cves = cvesOf(definition);
  const severity = readSeverity(definition, report);
  const link = reference?.url ?? `https://linux.oracle.com/errata/${advisoryId}.html`;
  const records: FeedRecord[] = cves.length > 0 ? [] : [describe(advisoryId, definition, link, severity)];
  for (const vulnerabilityId of cves.length > 0 ? cves : [advisoryId]) {
    for (const { release, packageName, fixed, arches, module } of statements) {
      records.push({
        kind: 'advisory',
        advisoryId,
        vulnerabilityId,
        namespace: `oracle:${release}`,
        packageName,
        packageKind: 'binary',
        status: 'affected',
        affected: [{ introduced: '0', fixed }],
        fixState: 'fixed',
        ...(severity && { severity }),
        ...((arches.length > 0 || module) && {
          qualifiers: { ...(arches.length > 0 && { arches }), ...(module && { module }) },
        }),
        link,
      });
    }
  }
  return records;
}

type FixedStatement = RpmStatement & Required<Pick<RpmStatement, 'release' | 'fixed'>>;

function readStatements({ criteria }: OvalDefinition, report: (message: string) => void): FixedStatement[] {
  if (!criteria) return [];
  try {
    const unread = (comment: string) => report(`unknown criterion ${JSON.stringify(comment)}`);
    return rpmStatements(criteria, unread).filter((statement): statement is FixedStatement => {
      const isWhole = statement.release !== undefined && statement.fixed !== undefined;
      if (!isWhole) report(`${statement.packageName} has no release or no fixed version`);
      return isWhole;
    });
  } catch (error) {
    if (!(error instanceof ScannerError)) throw error;
    report(error.message);
    return [];
  }
}

/** The same statement for several architectures as one; none named means all. */
function mergeArches(statements: readonly FixedStatement[]) {
  const merged = new Map<string, FixedStatement & { readonly arches: string[] }>();
  for (const statement of statements) {
    const { release, packageName, fixed, module, arch } = statement;
    const key = [release, packageName, fixed, module].join('\n');
    const held = merged.get(key) ?? { ...statement, arches: [] };
    if (arch !== undefined && !held.arches.includes(arch)) held.arches.push(arch);
    merged.set(key, held);
  }
  return [...merged.values()];
}

/** The advisory's list and the references name the same flaws; either may miss some. */
function cvesOf({ cves, references }: OvalDefinition): string[] {
  const named = [...cves.map(({ id }) => id), ...references.map(({ id }) => id)];
  return [...new Set(named.filter((id) => /^CVE-\d{4}-\d{4,}$/.test(id)))];
}

const SEVERITIES: ReadonlyMap<string, Severity | undefined> = new Map<string, Severity | undefined>([
  ['LOW', 'low'],
  ['MODERATE', 'medium'],
  ['IMPORTANT', 'high'],
  ['CRITICAL', 'critical'],
  ['N/A', undefined],
  ['', undefined],
]);

function readSeverity({ severity = '' }: OvalDefinition, report: (message: string) => void): Severity | undefined {
  const word = severity.toUpperCase();
  if (!SEVERITIES.has(word)) report(`unknown severity ${JSON.stringify(severity)}`);
  return SEVERITIES.get(word);
}

/** An erratum that names no flaw is the vulnerability itself. */
function describe(
  id: string,
  { title, description, issued }: OvalDefinition,
  url: string,
  severity?: Severity,
): FeedRecord {
  return {
    kind: 'vulnerability',
    id,
    summary: title.replace(/^ELSA-[\d-]+:\s*/, '').replace(/\s+/g, ' '),
    ...(description && { description }),
    ...(severity && { severity }),
    references: [{ url }],
    ...(issued && { published: issued }),
  };
}

/** Release and last day of Premier Support; after it only customers with Extended Support get all errata. Source: Oracle Lifetime Support Policy. */
const RELEASES = [
  ['3', '2011-10-31'],
  ['4', '2013-02-28'],
  ['5', '2017-06-30'],
  ['6', '2021-03-31'],
  ['7', '2024-12-31'],
  ['8', '2029-07-31'],
  ['9', '2032-06-30'],
  ['10', '2035-06-30'],
] as const;

const COVERAGE: ReadonlyMap<string, Coverage> = new Map(
  RELEASES.map(([release, until]) => [`oracle:${release}`, { until }]),
);
