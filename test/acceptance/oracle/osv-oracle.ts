import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import {
  orderCargo,
  orderComposer,
  orderGem,
  orderGo,
  orderMaven,
  orderNpm,
  orderNuget,
  orderPypi,
  type VersionOrder,
} from './language-version-order.ts';

/**
 * A second reading of OSV's records, written from the algorithm of the schema's section "Evaluation" over the raw files; nothing
 * shared with `src`. Source: https://ossf.github.io/osv-schema/#evaluation
 */

interface Ecosystem {
  readonly name: string;
  readonly order: VersionOrder;
  /** A package's name as it is compared. */
  readonly nameOf: (name: string) => string;
  /** An installed version as it is held against a stated one; default as written. */
  readonly asStated?: (version: string, stated: string) => string;
}

const asWritten = (name: string): string => name;
const inLowerCase = (name: string): string => name.toLowerCase();

/** By type of package URL. */
const ECOSYSTEMS: Readonly<Record<string, Ecosystem>> = {
  cargo: { name: 'crates.io', order: orderCargo, nameOf: asWritten },
  composer: { name: 'Packagist', order: orderComposer, nameOf: inLowerCase },
  gem: { name: 'RubyGems', order: orderGem, nameOf: asWritten },
  golang: { name: 'Go', order: orderGo, nameOf: asWritten },
  hex: { name: 'Hex', order: orderCargo, nameOf: asWritten },
  maven: { name: 'Maven', order: orderMaven, nameOf: asWritten },
  npm: { name: 'npm', order: orderNpm, nameOf: inLowerCase },
  nuget: { name: 'NuGet', order: orderNuget, nameOf: inLowerCase },
  pypi: {
    ...{ name: 'PyPI', order: orderPypi, nameOf: (name) => name.toLowerCase().replace(/[-_.]+/g, '-') },
    // PEP 440, "Version matching": without a local part in the specifier that of the candidate is ignored.
    asStated: (version, stated) => (stated.includes('+') ? version : version.replace(/\+.*/, '')),
  },
};

/** A record as OSV publishes it, as far as it is read here. */
export interface RawRecord {
  readonly id: string;
  readonly withdrawn?: string;
  readonly aliases?: readonly string[];
  readonly affected?: readonly RawAffected[];
}

interface RawAffected {
  readonly package?: { readonly ecosystem: string; readonly name: string };
  readonly ranges?: readonly { readonly type: string; readonly events: readonly RawEvent[] }[];
  readonly versions?: readonly string[];
}

type RawEvent = Readonly<Partial<Record<'introduced' | 'fixed' | 'last_affected' | 'limit', string>>>;

/** `undecided`: a bound cannot be ordered, and neither the list of versions nor another range settles it. */
type Verdict = 'affected' | 'undecided';

/** What the records say of packages. */
export class OsvOracle {
  readonly #statements = new Map<string, Map<string, { readonly id: string; readonly affected: RawAffected }[]>>();
  readonly #neighbours = new Map<string, Set<string>>();

  constructor(mirror: string) {
    for (const [type, { name, nameOf }] of Object.entries(ECOSYSTEMS)) {
      const byName = new Map<string, { readonly id: string; readonly affected: RawAffected }[]>();
      this.#statements.set(type, byName);
      for (const record of rawRecords(mirror, name)) {
        for (const alias of record.aliases ?? []) this.#link(record.id, alias);
        if (record.withdrawn !== undefined) continue;
        for (const affected of record.affected ?? []) {
          if (affected.package?.ecosystem !== name) continue;
          const key = nameOf(affected.package.name);
          const list = byName.get(key) ?? [];
          byName.set(key, list);
          list.push({ id: record.id, affected });
        }
      }
    }
  }

  #link(id: string, other: string): void {
    for (const [a, b] of [
      [id, other],
      [other, id],
    ] as const)
      this.#neighbours.set(a, (this.#neighbours.get(a) ?? new Set()).add(b));
  }

  /**
   * The groups of aliases that concern a package, each with the gravest verdict of its records.
   * @param purl of a language package, with a version.
   */
  concernsOf(purl: string): ReadonlyMap<string, Verdict> {
    const { type, name, version } = readPurl(purl);
    const { order, nameOf, asStated = (text: string) => text } = ECOSYSTEMS[type]!;
    const orderOf: VersionOrder = (a, b) =>
      order(a === version ? asStated(a, b) : a, b === version ? asStated(b, a) : b);
    const concerns = new Map<string, Verdict>();
    for (const { id, affected } of this.#statements.get(type)!.get(nameOf(name)) ?? []) {
      const verdict = evaluate(affected, version, orderOf);
      if (verdict === undefined) continue;
      for (const group of this.groupsOf(id)) if (concerns.get(group) !== 'affected') concerns.set(group, verdict);
    }
    return concerns;
  }

  /** The names of the groups that an id is in: a CVE each; GitHub's id, else the first by text, where there is no CVE. */
  groupsOf(id: string): readonly string[] {
    if (isCve(id)) return [id];
    const own = this.#cvesOf(id);
    if (own.length > 0) return own;
    // The ids that are reached without passing through a CVE, or through an id that names several.
    const reached = new Set([id]);
    for (const one of reached) {
      for (const next of this.#neighbours.get(one) ?? [])
        if (!isCve(next) && this.#cvesOf(next).length < 2) reached.add(next);
    }
    const cves = new Set([...reached].flatMap((one) => this.#cvesOf(one)));
    if (cves.size > 0) return [...cves].sort();
    const sorted = [...reached].sort();
    return [sorted.find((one) => one.startsWith('GHSA-')) ?? sorted[0]!];
  }

  #cvesOf(id: string): readonly string[] {
    return [...(this.#neighbours.get(id) ?? [])].filter(isCve).sort();
  }
}

const isCve = (id: string): boolean => id.startsWith('CVE-');

/** Type, name as its ecosystem writes it, version as its records write it. */
function readPurl(purl: string): { readonly type: string; readonly name: string; readonly version: string } {
  const [, type = '', path = '', stated = ''] = /^pkg:([^/]+)\/([^?#]+)@([^@?#]+)/.exec(purl) ?? [];
  const [name, version] = [decodeURIComponent(path), decodeURIComponent(stated)];
  return {
    type,
    name: type === 'maven' ? name.replace('/', ':') : name,
    version: type === 'golang' ? version.replace(/^v/, '') : version,
  };
}

/** `IsVulnerable` of the schema, for one entry of `affected`. */
function evaluate(
  { ranges = [], versions = [] }: RawAffected,
  version: string,
  order: VersionOrder,
): Verdict | undefined {
  if (versions.some((one) => one === version || order(one, version) === 0)) return 'affected';
  let isUndecided = false;
  for (const { type, events } of ranges) {
    if (type === 'GIT') continue;
    const said = inRange(events, version, order);
    if (said === true) return 'affected';
    isUndecided ||= said === undefined;
  }
  return isUndecided ? 'undecided' : undefined;
}

/** `BeforeLimits` and the walk over the sorted events; undefined where an event that cannot be ordered leaves it open. */
function inRange(events: readonly RawEvent[], version: string, order: VersionOrder): boolean | undefined {
  const compare = (a: string, b: string) => (a === b ? 0 : a === '0' ? -1 : b === '0' ? 1 : order(a, b));
  const points = events.map((event) => Object.entries(event)[0] as Point);
  const limits = points.filter(([kind]) => kind === 'limit').map(([, at]) => at);
  if (limits.length > 0 && !limits.some((limit) => limit === '*' || compare(version, limit)! < 0)) return false;
  const walked = points.filter(([kind]) => kind !== 'limit');
  if (walked.some(([, at]) => compare(version, at) === undefined))
    return inUnordered(walked, (at) => compare(version, at), order(version, version) === 0);
  walked.sort(([, a], [, b]) => compare(a, b) ?? 0);
  let isVulnerable = false;
  for (const [kind, at] of walked) isVulnerable = afterEvent(isVulnerable, kind, compare(version, at)!);
  return isVulnerable;
}

type Point = readonly [kind: keyof RawEvent, at: string];

/** @param sign of the version against the event's. */
function afterEvent(isVulnerable: boolean, kind: keyof RawEvent, sign: number): boolean {
  if (kind === 'introduced') return isVulnerable || sign >= 0;
  return isVulnerable && !(kind === 'fixed' ? sign >= 0 : sign > 0);
}

/** Events that cannot all be sorted are spans as they are written: each is judged by the bound that can be read. */
function inUnordered(
  points: readonly Point[],
  signAt: (at: string) => number | undefined,
  hasOrder: boolean,
): boolean | undefined {
  const spans: Point[][] = [];
  for (const point of points) point[0] === 'introduced' ? spans.push([point]) : spans.at(-1)?.push(point);
  const verdicts = spans.map((span) => {
    const signs = span.map(([kind, at]) => [kind, signAt(at)] as const);
    const isOutside = signs.some(
      ([kind, sign]) => sign !== undefined && !afterEvent(kind !== 'introduced', kind, sign),
    );
    if (isOutside) return false;
    // Of a version without order equality alone decides: a span holds its own beginning, and its last version.
    if (!hasOrder && signs.some(([kind, sign]) => sign === 0 && kind !== 'fixed')) return true;
    return signs.some(([, sign]) => sign === undefined) ? undefined : true;
  });
  return verdicts.includes(true) || (verdicts.includes(undefined) ? undefined : false);
}

/** The members of a zip without the parts that OSV's do not have. */
function* readArchive(file: string): Generator<RawRecord> {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count--) {
    const [size, nameLength, extraLength, commentLength] = [
      bytes.readUInt32LE(at + 20),
      ...[28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)),
    ] as [number, number, number, number];
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const packed = bytes.subarray(start, start + size);
    const text = bytes.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    yield JSON.parse(text.toString('utf8')) as RawRecord;
    at += 46 + nameLength + extraLength + commentLength;
  }
}

/** OSV's own records of one of its ecosystems. */
export function rawRecords(mirror: string, ecosystem: string): Iterable<RawRecord> {
  return readArchive(join(mirror, 'osv-vulnerabilities.storage.googleapis.com', ecosystem, 'all.zip'));
}
