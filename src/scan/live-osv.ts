import { type CvssScorer, loadCvssScorer } from '../documents/cvss.ts';
import { createOsvApi, type OsvQuestion } from '../feeds/osv-api.ts';
import { ecosystemOf, LANGUAGE_NAMESPACES, placeOf } from '../feeds/osv-ecosystems.ts';
import { recordsOf } from '../feeds/osv-records.ts';
import { readOsvRecord } from '../feeds/schemas/osv.ts';
import type { StoredAdvisory } from '../model/advisory.ts';
import type { Package } from '../model/package.ts';
import { canonicalPackageName } from '../model/package-name.ts';
import type { Problem } from '../model/problem.ts';
import type { VulnerabilityRecord } from '../model/vulnerability.ts';
import { createHttpClient, type HttpClientOptions } from '../platform/http.ts';
import { askOsv, type OsvAnswers } from './ask-osv.ts';
import type { JudgingSource } from './judge.ts';
import { OsvCache } from './osv-cache.ts';
import { overlayOsv } from './overlay-osv.ts';
import { scoreRecord } from './score-record.ts';

/** How OSV is asked instead of the snapshot. */
export interface LiveOsvOptions {
  /** Default https://api.osv.dev */
  readonly url?: string;
  readonly cacheDirectory: string;
  /** Default: `maxOsvCacheBytes` of `DEFAULT_CACHE_LIMITS`. */
  readonly maxCacheBytes?: number;
  /** Answers from the cache only. */
  readonly isOffline: boolean;
  /** Of this program. */
  readonly version: string;
  /** Proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly now: Date;
  /** Tests hand in a clock that does not wait. */
  readonly network?: Pick<HttpClientOptions, 'timing' | 'maxAttempts'>;
}

/** A database in which OSV says what it says now, and what a reader of the report must know of that. */
export interface LiveSource {
  readonly source: JudgingSource;
  readonly problems: readonly Problem[];
}

/** What OSV said live. */
export interface LiveRecords {
  readonly advisories: readonly StoredAdvisory[];
  readonly vulnerabilities: readonly VulnerabilityRecord[];
  /** When the oldest answer was given. */
  readonly askedAt: string;
  /** Canonical names by namespace whose packages were not all answered: what the database holds of them counts too. */
  readonly unanswered: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Asks OSV of the language packages of an inventory. Where it does not answer, the database's own records of OSV stay, and the report
 * says so.
 */
export async function askLiveOsv(
  database: JudgingSource,
  packages: readonly Package[],
  options: LiveOsvOptions,
): Promise<LiveSource> {
  const questions = questionsOf(packages);
  if (questions.length === 0) return { source: database, problems: [] };
  const { env, version, url, signal, isOffline, now, cacheDirectory, maxCacheBytes } = options;
  const client = createHttpClient({
    ...options.network,
    env,
    userAgent: `cvescan/${version}`,
    failure: 'feed.unreachable',
  });
  const cache = new OsvCache(cacheDirectory, maxCacheBytes);
  try {
    const api = createOsvApi({ client, signal, ...(url !== undefined && { url }) });
    const answers = await askOsv(questions, { api, cache, isOffline, now });
    const problems = [...noteOf(answers), ...partialProblem(answers, questions.length)];
    if (answers.askedAt === undefined) return { source: database, problems };
    const scoreOf = await loadCvssScorer();
    const live = { ...liveRecords(answers, scoreOf, problems), askedAt: answers.askedAt };
    return { source: overlayOsv(database, live), problems };
  } finally {
    cache.shrink();
    await client.close();
  }
}

/** Each package in a version once. */
function questionsOf(packages: readonly Package[]): readonly OsvQuestion[] {
  const questions = new Map<string, OsvQuestion>();
  for (const { namespace, name, version, filtered } of packages) {
    const ecosystem = namespace === undefined ? undefined : ecosystemOf(namespace);
    if (namespace === undefined || ecosystem === undefined || version === '' || filtered !== undefined) continue;
    const question = { ecosystem, ...spelledAsOsv(namespace, name, version) };
    questions.set(Object.values(question).join('\n'), question);
  }
  return [...questions.values()];
}

/**
 * OSV's API knows one spelling of a name where registries take several: Python's is normalised, NuGet's has its capitals, Swift's is a
 * URL without scheme. Go's versions have no `v` there.
 */
function spelledAsOsv(namespace: string, name: string, version: string): Pick<OsvQuestion, 'name' | 'version'> {
  switch (namespace) {
    case 'pypi':
      return { name: canonicalPackageName(namespace, name), version };
    case 'swift':
      return { name: name.replace(/^https?:\/\//, '').replace(/(\.git)?\/?$/, ''), version };
    case 'golang':
      return { name, version: version.replace(/^v(?=\d)/, '') };
    default:
      return { name, version };
  }
}

function noteOf({ askedAt }: OsvAnswers): readonly Problem[] {
  if (askedAt === undefined) return [];
  const message = `OSV was asked (oldest answer ${askedAt}): the snapshot's id does not stand for what it says`;
  return [{ code: 'source.live', message }];
}

function partialProblem({ unanswered, reasons }: OsvAnswers, count: number): readonly Problem[] {
  if (unanswered.length === 0) return [];
  const message = `OSV did not answer for ${unanswered.length} of ${count} packages, of which only the database speaks: ${reasons.join('; ')}`;
  return [{ code: 'source.partial', message }];
}

function liveRecords(
  { records, unanswered }: OsvAnswers,
  scoreOf: CvssScorer,
  problems: Problem[],
): Omit<LiveRecords, 'askedAt'> {
  const advisories: StoredAdvisory[] = [];
  const vulnerabilities: VulnerabilityRecord[] = [];
  for (const [id, value] of records) {
    const osv = readOsvRecord(value);
    if (!osv) {
      problems.push({ code: 'source.partial', message: `OSV's record ${id} cannot be read`, path: id });
      continue;
    }
    const stored = { source: 'osv', part: osv.id, revision: osv.modified };
    for (const record of recordsOf(osv, { problem: () => {} })) {
      if (record.kind === 'vulnerability') vulnerabilities.push({ ...scoreRecord(record, scoreOf), source: 'osv' });
      if (record.kind === 'advisory' && LANGUAGE_NAMESPACES.has(record.namespace))
        advisories.push({ ...record, ...stored });
    }
  }
  return { advisories, vulnerabilities, unanswered: namesByNamespace(unanswered) };
}

function namesByNamespace(questions: readonly OsvQuestion[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const { ecosystem, name } of questions) {
    const namespace = placeOf(ecosystem, undefined)?.namespace;
    if (namespace === undefined) continue;
    const known = names.get(namespace) ?? new Set();
    names.set(namespace, known.add(canonicalPackageName(namespace, name)));
  }
  return names;
}
