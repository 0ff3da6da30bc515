import type { DatabaseSync } from 'node:sqlite';
import type { StoredAdvisory } from '../model/advisory.ts';
import type { CpeConfiguration } from '../model/cpe-configuration.ts';
import type { KernelBackport } from '../model/kernel-backport.ts';
import type { SnapshotIdentity, SnapshotSource } from '../model/snapshot.ts';
import type { Vulnerability } from '../model/vulnerability.ts';
import { type ReadLine, readAdvisoryLine } from './advisory-line.ts';
import { CpeReader } from './cpe-reader.ts';
import { BACKPORTS_ID, KERNEL_BUCKETS, type KernelLine, readKernelLine } from './kernel-line.ts';
import { Names } from './names.ts';
import { type StoredPage, unpackLines } from './page.ts';
import { Parts, Stated } from './parts.ts';
import { prepareStatements } from './snapshot-statements.ts';
import { unpackRising } from './varints.ts';
import { VulnerabilityReader } from './vulnerability-reader.ts';

/** A part of a source, with the hash of its rows. */
export interface SnapshotPart {
  readonly part: string;
  readonly revision: string;
  /** 32 hex digits. */
  readonly hash: string;
}

/** A package of which advisories speak. */
export interface AdvisoryTarget {
  readonly namespace: string;
  readonly packageName: string;
}

/** A vulnerability that a product's criteria name, with its configurations. */
export interface CpeCandidate {
  readonly source: string;
  readonly vulnerabilityId: string;
  readonly part: string;
  /** Read when asked for: name it, do not spread the object. */
  readonly revision: string;
  readonly configurations: readonly CpeConfiguration[];
}

/**
 * One state of the advisory database, open for reading. Answers are sorted by content, never by row numbers, so that equal
 * snapshots answer equally however they came about.
 */
export class Snapshot implements SnapshotIdentity, Disposable {
  readonly id: string;
  readonly sources: readonly SnapshotSource[];
  readonly #db: DatabaseSync;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #namespaces: Names;
  readonly #sourceNames: Names;
  readonly #cpe: CpeReader;
  readonly #parts: Parts;
  readonly #vulnerabilities: VulnerabilityReader;

  /** @param db opened and checked by `openSnapshot`. @param checkedAt when a source was last found unchanged. */
  constructor(db: DatabaseSync, checkedAt: Readonly<Record<string, string | undefined>>) {
    this.#db = db;
    this.#sql = prepareStatements(db);
    this.#namespaces = new Names(db, 'namespace');
    this.#sourceNames = new Names(db, 'source');
    this.#cpe = new CpeReader(db);
    this.#parts = new Parts(db);
    this.#vulnerabilities = new VulnerabilityReader(db, this.#sourceNames, this.#parts);
    this.id = String(this.#sql.id.get()?.id ?? '');
    this.sources = this.#sql.sources.all().map((row) => readSource(row, checkedAt));
  }

  /** Where it lies on disk, for another thread to open it. */
  get file(): string {
    return this.#db.location() ?? '';
  }

  /** All statements on one package name in one namespace, sorted by vulnerability, source, advisory. One row of `advisory` a source. */
  advisories(namespace: string, packageName: string): readonly StoredAdvisory[] {
    const number = this.#namespaces.numberOf(namespace);
    if (number === undefined) return [];
    const rows = this.#sql.advisories.all(number, packageName) as { source: number; lines: StoredPage }[];
    return rows
      .flatMap(({ source, lines }) =>
        unpackLines(lines).flatMap((line) =>
          this.#advisoriesOfLine(readAdvisoryLine(line), source, [namespace, packageName]),
        ),
      )
      .sort(compareAdvisories);
  }

  #advisoriesOfLine(
    { part, statement, vulnerabilityIds }: ReadLine,
    source: number,
    [namespace, packageName]: readonly [string, string],
  ): StoredAdvisory[] {
    const about = { source: this.#sourceNames.nameOf(source), namespace, packageName };
    const revision = { parts: this.#parts, source };
    return vulnerabilityIds.map((vulnerabilityId) =>
      Object.assign(new Stated(part, revision), about, statement, { vulnerabilityId }),
    );
  }

  /** All statements on one vulnerability (this very id), sorted by namespace, package, source, advisory. */
  advisoriesOf(vulnerabilityId: string): readonly StoredAdvisory[] {
    return this.targetsOf(vulnerabilityId).flatMap(({ namespace, packageName }) =>
      this.advisories(namespace, packageName).filter((advisory) => advisory.vulnerabilityId === vulnerabilityId),
    );
  }

  /** The packages on which there are statements on one vulnerability (this very id), sorted by namespace and name. */
  targetsOf(vulnerabilityId: string): readonly AdvisoryTarget[] {
    const links = this.#sql.links.all(vulnerabilityId) as { source: number; body: Uint8Array }[];
    const targets = new Set(links.flatMap(({ body }) => unpackRising(body)));
    return [...targets]
      .map((number) => this.#sql.target.get(number) as unknown as { namespace: number; packageName: string })
      .map(({ namespace, packageName }) => ({ namespace: this.#namespaces.nameOf(namespace), packageName }))
      .sort((a, b) => compare(a.namespace, b.namespace) || compare(a.packageName, b.packageName));
  }

  /** The names of packages on which there are statements in a namespace, sorted. */
  packagesOf(namespace: string): readonly string[] {
    const number = this.#namespaces.numberOf(namespace);
    return number === undefined ? [] : this.#sql.packages.all(number).map(({ package: name }) => String(name));
  }

  /** Everything known of the alias group of an id; a bare record when nothing is. Texts are read when asked for. */
  vulnerability(id: string): Vulnerability {
    return this.#vulnerabilities.vulnerability(id);
  }

  /** Whether anything is held of this very id. */
  names(id: string): boolean {
    return this.#sql.named.get(id, id) !== undefined;
  }

  /** The canonical ids of the alias groups of an id, sorted: several where it names several CVEs; the id itself when it is in none. */
  canonicalIds(id: string): readonly string[] {
    return this.#vulnerabilities.canonicalIds(id);
  }

  /** Sources that cover a namespace, with the declared end of each, sorted. Empty: no feed. */
  coverage(namespace: string): readonly { readonly source: string; readonly until?: string }[] {
    const number = this.#namespaces.numberOf(namespace);
    if (number === undefined) return [];
    return this.#sql.coverage.all(number).map(({ source, until }) => ({
      source: String(source),
      ...(until !== null && { until: String(until) }),
    }));
  }

  /** Whether any source holds rows of this namespace. */
  knows(namespace: string): boolean {
    return this.#namespaces.numberOf(namespace) !== undefined;
  }

  /** All namespaces that are held, sorted. */
  get namespaces(): readonly string[] {
    return this.#sql.namespaces.all().map(({ name }) => String(name));
  }

  /** The namespaces that hold advisories on a package name, sorted. */
  namespacesOf(packageName: string): readonly string[] {
    return this.namespaces.filter((namespace) => {
      const number = this.#namespaces.numberOf(namespace)!;
      return this.#sql.advisories.get(number, packageName) !== undefined;
    });
  }

  /** Vulnerabilities whose configurations name a product as vulnerable, sorted. Words as CPE names write them, escapes included. */
  cpeCandidates(vendor: string | undefined, product: string): readonly CpeCandidate[] {
    return this.#cpe.candidates(vendor, product).map(({ source, part, ...candidate }) => {
      const stated = new Stated(part, { parts: this.#parts, source });
      return Object.assign(stated, candidate, { source: this.#sourceNames.nameOf(source) });
    });
  }

  /** Whether any source speaks of products by CPE. */
  get hasProducts(): boolean {
    return this.#sql.anyProduct.get() !== undefined;
  }

  /** What all sources say of flaws of the Linux kernel, in the order of their pages. */
  *kernelLines(): Generator<KernelLine> {
    for (const { lines } of this.#sql.kernel.iterate(KERNEL_BUCKETS.from, KERNEL_BUCKETS.to)) {
      for (const line of unpackLines(lines as StoredPage)) yield readKernelLine(line);
    }
  }

  /** Commits of distributions that bring mainline commits without naming them. */
  kernelBackports(): readonly KernelBackport[] {
    return this.#sql.backports.all(BACKPORTS_ID).flatMap(({ body }) => JSON.parse(String(body)) as KernelBackport[]);
  }

  /** The parts of a source, sorted by name. */
  *parts(source: string): Generator<SnapshotPart> {
    for (const { name, revision, hash } of this.#sql.parts.iterate(this.#sourceNames.numberOf(source) ?? 0)) {
      yield { part: String(name), revision: String(revision), hash: String(hash) };
    }
  }

  /** The vulnerability ids that a part speaks of, sorted; none where there is no such part. */
  idsOfPart(source: string, part: string): readonly string[] {
    const row = this.#sql.idsOfPart.get(this.#sourceNames.numberOf(source) ?? 0, part);
    if (row === undefined) return [];
    return row.ids === null ? [part] : unpackLines(row.ids as StoredPage);
  }

  /** What could not be read of a source's feed, sorted. */
  problems(source: string): readonly { readonly code: string; readonly message: string; readonly path?: string }[] {
    return this.#sql.problems.all(this.#sourceNames.numberOf(source) ?? 0).map(({ code, message, path }) => ({
      code: String(code),
      message: String(message),
      ...(path !== null && { path: String(path) }),
    }));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function readSource(
  row: Record<string, unknown>,
  checkedAt: Readonly<Record<string, string | undefined>>,
): SnapshotSource {
  const [name, updatedAt] = [String(row.name), String(row.updated_at)];
  const checked = checkedAt[name] ?? '';
  return {
    name,
    updatedAt: [checked, updatedAt].sort().at(-1)!,
    partCount: Number(row.part_count),
    recordCount: Number(row.record_count),
    problemCount: Number(row.problem_count),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const compareAdvisories = (a: StoredAdvisory, b: StoredAdvisory): number =>
  compare(a.vulnerabilityId, b.vulnerabilityId) ||
  compare(a.source, b.source) ||
  compare(a.advisoryId, b.advisoryId) ||
  compare(a.part, b.part);
