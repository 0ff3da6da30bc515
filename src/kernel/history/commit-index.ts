/** A commit's place, and its subject. */
export interface IndexedCommit {
  readonly commit: string;
  readonly order: number;
  readonly isOnMain: boolean;
  /** Normalised. */
  readonly subject: string;
}

export type CommitPlace = Omit<IndexedCommit, 'subject'>;

const ID_BYTES = 20;
const FIRST_CAPACITY = 1 << 12;

/**
 * The subjects of a pass, for questions that come up behind it: 25 bytes a commit instead of a second pass. Different subjects may
 * have the same hash, so what is found is to be compared.
 */
export class CommitIndex {
  #ids = Buffer.allocUnsafe(FIRST_CAPACITY * ID_BYTES);
  #hashes = new Int32Array(FIRST_CAPACITY);
  #onMain = new Uint8Array(FIRST_CAPACITY);
  #count = 0;

  add({ commit, subject, isOnMain }: IndexedCommit): void {
    if (this.#count === this.#hashes.length) this.#grow();
    this.#ids.write(commit, this.#count * ID_BYTES, ID_BYTES, 'hex');
    this.#hashes[this.#count] = hashOf(subject);
    this.#onMain[this.#count] = Number(isOnMain);
    this.#count += 1;
  }

  /** Places of commits that may have one of these subjects. @param subjects normalised. */
  *findSubjects(subjects: Iterable<string>): Generator<CommitPlace> {
    const wanted = new Set<number>();
    for (const subject of subjects) wanted.add(hashOf(subject));
    if (wanted.size === 0) return;
    for (let at = 0; at < this.#count; at++) if (wanted.has(this.#hashes[at] as number)) yield this.#placeAt(at);
  }

  /** Places of those of these commits that were seen. */
  *findCommits(commits: ReadonlySet<string>): Generator<CommitPlace> {
    if (commits.size === 0) return;
    for (let at = 0; at < this.#count; at++) {
      const place = this.#placeAt(at);
      if (commits.has(place.commit)) yield place;
    }
  }

  #placeAt(at: number): CommitPlace {
    const commit = this.#ids.toString('hex', at * ID_BYTES, (at + 1) * ID_BYTES);
    return { commit, order: -at, isOnMain: this.#onMain[at] === 1 };
  }

  #grow(): void {
    const capacity = this.#count * 2;
    const ids = Buffer.allocUnsafe(capacity * ID_BYTES);
    this.#ids.copy(ids);
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    const onMain = new Uint8Array(capacity);
    onMain.set(this.#onMain);
    [this.#ids, this.#hashes, this.#onMain] = [ids, hashes, onMain];
  }
}

/** FNV-1a over UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash | 0;
}
