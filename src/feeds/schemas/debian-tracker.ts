import { ScannerError } from '../../model/errors.ts';
import type { ReportProblem } from '../../model/problem.ts';
import { jsonMembers } from '../../platform/json-members.ts';

/** What the tracker says of one flaw in one source package. */
export interface TrackerFlaw {
  /** A CVE, or the tracker's own `TEMP-…` while none is assigned. */
  readonly id: string;
  readonly description?: string;
  readonly releases: readonly TrackerRelease[];
}

/** The same in one release. Words as written. */
export interface TrackerRelease {
  readonly codename: string;
  readonly status: string;
  readonly urgency?: string;
  /** `0` says that no version of the release was ever affected. */
  readonly fixedVersion?: string;
  /** Why no security announcement is planned, e.g. `Minor issue`. */
  readonly nodsa?: string;
  /** `ignored`, `postponed` or empty. */
  readonly nodsaReason?: string;
}

/** All flaws of one source package. */
export interface TrackerPackage {
  readonly name: string;
  /** The member of the JSON as written. */
  readonly text: string;
  readonly flaws: readonly TrackerFlaw[];
}

/**
 * Reads the Debian tracker's JSON one source package at a time; the whole has 60 to 70 MB.
 *
 * The checks are written by hand: there are 250,000 release entries, and a schema library costs more than the parsing.
 * @throws ScannerError `feed.malformed` where the document is no such JSON.
 */
export async function* readTracker(
  chunks: AsyncIterable<Buffer>,
  document: string,
  problem: ReportProblem,
): AsyncGenerator<TrackerPackage> {
  for await (const text of jsonMembers(chunks)) {
    const [name, flaws] = readEntry(text, document);
    if (!isObject(flaws)) {
      throw new ScannerError('feed.malformed', `${document}: ${name} has no list of vulnerabilities`, { document });
    }
    const incomplete = (place: string, value: unknown): void =>
      problem({
        code: 'updater.incomplete-entry',
        message: `${name} ${place} cannot be read: ${JSON.stringify(value)?.slice(0, 80)}`,
        path: document,
      });
    yield { name, text, flaws: Object.entries(flaws).flatMap(([id, flaw]) => readFlaw(id, flaw, incomplete)) };
  }
}

function readEntry(text: string, document: string): readonly [string, unknown] {
  let cause: unknown;
  try {
    const [entry] = Object.entries<unknown>(JSON.parse(`{${text}}`));
    if (entry) return entry;
  } catch (error) {
    cause = error;
  }
  const what = JSON.stringify(text.trim().slice(0, 60));
  throw new ScannerError('feed.malformed', `${document} is not JSON near ${what}`, { document }, { cause });
}

function readFlaw(id: string, flaw: unknown, incomplete: (place: string, value: unknown) => void): TrackerFlaw[] {
  if (!isObject(flaw) || !(isObject(flaw.releases) || isEmptyList(flaw.releases))) {
    incomplete(id, flaw);
    return [];
  }
  const releases: TrackerRelease[] = [];
  for (const [codename, stated] of Object.entries(flaw.releases)) {
    const release = readRelease(codename, stated);
    if (release) releases.push(release);
    else incomplete(`${id} in ${codename}`, stated);
  }
  const description = flaw.description;
  return [{ id, releases, ...(typeof description === 'string' && description !== '' && { description }) }];
}

function readRelease(codename: string, stated: unknown): TrackerRelease | undefined {
  if (!isObject(stated)) return undefined;
  const { status, urgency, fixed_version: fixedVersion, nodsa, nodsa_reason: nodsaReason } = stated;
  if (typeof status !== 'string') return undefined;
  if (!isTextOrAbsent(urgency) || !isTextOrAbsent(fixedVersion)) return undefined;
  if (!isTextOrAbsent(nodsa) || !isTextOrAbsent(nodsaReason)) return undefined;
  return {
    codename,
    status,
    ...(urgency && { urgency }),
    ...(fixedVersion && { fixedVersion }),
    ...(nodsa && { nodsa }),
    ...(nodsaReason && { nodsaReason }),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmptyList(value: unknown): value is [] {
  return Array.isArray(value) && value.length === 0;
}

/** The tracker leaves out what it does not know, or writes null. */
function isTextOrAbsent(value: unknown): value is string | null | undefined {
  return value === undefined || value === null || typeof value === 'string';
}
