import { createHash } from 'node:crypto';
import type { KernelBackport } from '../../model/kernel-backport.ts';
import type { KernelVulnerability } from '../../model/kernel-vulnerability.ts';
import { normaliseSubject } from './commit-message.ts';

/** Shorter names of commits are no names: too many commits begin so. */
const MIN_NAME_LENGTH = 7;

/** The commits and subjects that are looked for in a history: those that brought or mended one of the known flaws. */
export class WantedCommits {
  readonly #byStart = new Map<string, string[]>();
  readonly #bySubject = new Map<string, Set<string>>();
  readonly #filesByName = new Map<string, readonly string[]>();
  readonly #breaks = new Set<string>();
  readonly #backports = new Map<string, readonly string[]>();
  #digest: string | undefined;

  /** @param backports what commits of distributions bring without naming it. */
  constructor(vulnerabilities: Iterable<KernelVulnerability>, backports: Iterable<KernelBackport> = []) {
    for (const vulnerability of vulnerabilities) this.#addVulnerability(vulnerability);
    for (const { commit, subject, upstream } of backports) {
      for (const name of upstream) this.#add(name, []);
      if (commit !== undefined) this.#backports.set(commit, upstream);
      if (subject !== undefined) this.#backports.set(normaliseSubject(subject), upstream);
    }
  }

  /** Same digest, same commits looked for. */
  get digest(): string {
    this.#digest ??= this.#computeDigest();
    return this.#digest;
  }

  names(): Iterable<string> {
    return this.#filesByName.keys();
  }

  /** Names of commits that brought a flaw: of these it matters that they are not there. */
  breaks(): ReadonlySet<string> {
    return this.#breaks;
  }

  /** Wanted names that a commit's id, or a part of it, stands for; none where it may stand for several commits. */
  namesOf(id: string): readonly string[] {
    const starting = this.#byStart.get(id.slice(0, MIN_NAME_LENGTH));
    if (starting === undefined || id.length < MIN_NAME_LENGTH) return [];
    const found = starting.filter((name) => name.startsWith(id) || id.startsWith(name));
    const [longest = ''] = [...found].sort((a, b) => b.length - a.length);
    return found.every((name) => longest.startsWith(name)) ? found : [];
  }

  /** Names of the commits that have this subject. @param subject normalised. */
  namesBySubject(subject: string): ReadonlySet<string> | undefined {
    return this.#bySubject.get(subject);
  }

  /** What a distribution's own list says of a commit. @param key its id, or its normalised subject. */
  broughtBy(key: string): readonly string[] {
    return this.#backports.get(key) ?? [];
  }

  /** Files of the flaws that a commit has to do with. */
  filesOf(name: string): readonly string[] {
    return this.#filesByName.get(name) ?? [];
  }

  /** A subject learned of a commit that was wanted before. */
  addSubject(name: string, subject: string): void {
    const normal = normaliseSubject(subject);
    if (normal === '') return;
    const names = this.#bySubject.get(normal);
    if (names) names.add(name);
    else this.#bySubject.set(normal, new Set([name]));
  }

  #addVulnerability({ groups, mainlineFixes, breakFixes, title, files }: KernelVulnerability): void {
    const breaks = groups.flatMap((group) => (group.break ? [group.break.commit] : []));
    const fixes = groups.flatMap((group) => group.fixes.map(({ commit }) => commit));
    for (const name of [...breaks, ...fixes, ...mainlineFixes]) this.#add(name, files);
    for (const reference of breakFixes.flatMap((line) => [...line.breaks, ...line.fixes])) {
      if (reference.kind === 'commit') this.#add(reference.commit, files);
      if (reference.kind === 'local') this.#add(reference.name, files);
    }
    for (const name of breaks) this.#breaks.add(name);
    for (const reference of breakFixes.flatMap((line) => line.breaks)) {
      if (reference.kind === 'commit' && reference.isExact) this.#breaks.add(reference.commit);
    }
    // A flaw mended by several commits bears the title of one of them, and which one is not said.
    const [fix, another] = mainlineFixes;
    if (fix !== undefined && another === undefined) this.addSubject(fix, title);
  }

  #add(name: string, files: readonly string[]): void {
    if (name.length < MIN_NAME_LENGTH) return;
    const known = this.#filesByName.get(name);
    if (known) {
      if (known !== files) this.#filesByName.set(name, [...known, ...files]);
      return;
    }
    this.#filesByName.set(name, files);
    const start = name.slice(0, MIN_NAME_LENGTH);
    const starting = this.#byStart.get(start);
    if (starting) starting.push(name);
    else this.#byStart.set(start, [name]);
  }

  /** The order is that in which the flaws are told, which is always the same. */
  #computeDigest(): string {
    const lines = [...this.#filesByName.keys()];
    for (const [subject, names] of this.#bySubject) lines.push(`${subject}\0${[...names].join()}`);
    for (const [key, upstream] of this.#backports) lines.push(`${key}\0${upstream.join()}`);
    return createHash('sha256').update(lines.join('\n')).digest('hex');
  }
}
