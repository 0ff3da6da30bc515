import type { VulnerabilityStatement } from '../model/vulnerability-statement.ts';

/**
 * What a document says of vulnerabilities in its packages, by what it refers to a package with. Said twice of one subject counts once,
 * and all packages of one reference share one list: a document of many of both costs no more than its size.
 */
export class StatementsBySubject {
  readonly #bySubject = new Map<string, Map<string, VulnerabilityStatement>>();
  readonly #lists = new Map<string, readonly VulnerabilityStatement[]>();

  add(subject: string, statement: VulnerabilityStatement): void {
    const known = this.#bySubject.get(subject);
    const said = known ?? new Map<string, VulnerabilityStatement>();
    if (!known) this.#bySubject.set(subject, said);
    const key = keyOf(statement);
    if (!said.has(key)) said.set(key, statement);
  }

  /** Empty where nothing is said. Asked for when all has been added. */
  of(subject: string): readonly VulnerabilityStatement[] {
    const known = this.#lists.get(subject);
    if (known) return known;
    const said = this.#bySubject.get(subject);
    if (!said) return [];
    const list = [...said.values()];
    this.#lists.set(subject, list);
    return list;
  }

  /** How many statements there are on each subject. */
  *counts(): Generator<readonly [subject: string, count: number]> {
    for (const [subject, said] of this.#bySubject) yield [subject, said.size];
  }
}

/** The same vulnerability and kind said in several places counts once; the first, which says most, stays. */
export function withoutRepeats(statements: readonly VulnerabilityStatement[]): readonly VulnerabilityStatement[] {
  const byKey = new Map<string, VulnerabilityStatement>();
  for (const statement of statements) {
    const key = keyOf(statement);
    if (!byKey.has(key)) byKey.set(key, statement);
  }
  return [...byKey.values()];
}

function keyOf({ vulnerabilityId, kind }: VulnerabilityStatement): string {
  return `${vulnerabilityId}\0${kind}`;
}
