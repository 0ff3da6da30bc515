import type { KernelConfidence } from '../../model/kernel-verdict.ts';
import type { Mention } from './mention.ts';

/** What became of a wanted commit in a history. */
export type Presence =
  | {
      readonly state: 'present';
      readonly confidence: KernelConfidence;
      /** The commit of this history that is it, or brings it. */
      readonly commit: string;
      /** Why it is taken for it. */
      readonly line: string;
    }
  /** `revertedBy`: it was there once. */
  | { readonly state: 'absent'; readonly revertedBy?: string }
  /** Taken back in part, or named by what proves nothing. */
  | { readonly state: 'unsure'; readonly commit: string; readonly line: string };

/** A commit of this history that is taken for a wanted one, by its subject or its text. */
export interface Likeness {
  readonly commit: string;
  readonly confidence: KernelConfidence;
  readonly line: string;
  /** It takes the wanted commit back. */
  readonly isGone: boolean;
}

/** What presence is computed from. */
export interface MentionedCommits {
  readonly mentions: readonly Mention[];
  /** By wanted name. */
  readonly likenesses: ReadonlyMap<string, readonly Likeness[]>;
  /** Whether one commit descends from another. */
  readonly descends: (newer: Mention, older: Mention) => Promise<boolean>;
}

interface Event {
  readonly mention: Mention;
  readonly line: string;
  readonly confidence: KernelConfidence;
  /** It proves nothing, or not the whole. */
  readonly isUnsure: boolean;
}

/**
 * Finds out for each wanted name whether its change is in the history: it is if some commit is it or brings it, and none of that
 * commit's descendants takes it back. What takes a taking-back back brings it again.
 */
export class PresenceFinder {
  readonly #from: MentionedCommits;
  readonly #byCommit = new Map<string, Mention>();
  readonly #byName = new Map<string, Event[]>();
  /** Commits that take back, by the first digits of what they name. */
  readonly #reverts = new Map<string, { readonly target: string; readonly event: Event }[]>();

  constructor(from: MentionedCommits) {
    this.#from = from;
    for (const mention of from.mentions) {
      this.#byCommit.set(mention.commit, mention);
      const { isLoose: isUnsure } = mention;
      for (const name of mention.is) {
        this.#note(name, { mention, line: `commit ${mention.commit}`, confidence: 'exact', isUnsure: false });
      }
      for (const [name, line] of mention.brings) this.#note(name, { mention, line, confidence: 'exact', isUnsure });
      for (const { commit: target, line, isWhole } of mention.reverts) {
        const event: Event = { mention, line, confidence: 'exact', isUnsure: isUnsure || !isWhole };
        const start = target.slice(0, 7);
        const known = this.#reverts.get(start);
        if (known) known.push({ target, event });
        else this.#reverts.set(start, [{ target, event }]);
      }
    }
  }

  #note(name: string, event: Event): void {
    const events = this.#byName.get(name);
    if (events) events.push(event);
    else this.#byName.set(name, [event]);
  }

  async presenceOf(name: string): Promise<Presence> {
    const plain = this.#plainPresence(name);
    if (plain) return plain;
    const { brought, gone } = this.#eventsOf(name);
    let best: Presence = { state: 'absent' };
    for (const event of brought) {
      const after = await this.#after(event, gone);
      const whole = after.find(({ isUnsure }) => !isUnsure);
      if (whole) {
        if (best.state === 'absent') best = { state: 'absent', revertedBy: whole.mention.commit };
        continue;
      }
      const [part] = after;
      const { mention, line, confidence } = part ?? event;
      if (!part && !event.isUnsure) {
        if (best.state !== 'present' || confidence === 'exact') {
          best = { state: 'present', confidence, commit: mention.commit, line };
        }
        if (confidence === 'exact') return best;
      } else if (best.state !== 'present') best = { state: 'unsure', commit: mention.commit, line };
    }
    return best;
  }

  /** Most names are brought once, and nothing speaks of taking them back. */
  #plainPresence(name: string): Presence | undefined {
    const [event, another] = this.#byName.get(name) ?? [];
    if (!event || another || event.isUnsure) return undefined;
    if (this.#from.likenesses.get(name)?.some(({ isGone }) => isGone)) return undefined;
    const { mention, line, confidence } = event;
    if (this.#reverts.has(name.slice(0, 7)) || this.#reverts.has(mention.commit.slice(0, 7))) return undefined;
    return { state: 'present', confidence, commit: mention.commit, line };
  }

  /** All that bring the change, and all that take it back, followed through reverts of reverts. */
  #eventsOf(name: string): { brought: Event[]; gone: Event[] } {
    const alike = this.#from.likenesses.get(name) ?? [];
    // That something of this subject was taken back reopens a fix, and proves no break to be gone.
    const likeEvents = (isGone: boolean): Event[] =>
      alike.flatMap((likeness) => {
        const mention = this.#byCommit.get(likeness.commit);
        if (!mention || likeness.isGone !== isGone) return [];
        return [{ mention, line: likeness.line, confidence: likeness.confidence, isUnsure: isGone }];
      });
    const brought = [...(this.#byName.get(name) ?? []), ...likeEvents(false)];
    const gone = [...this.#takingBack(name), ...likeEvents(true)];
    const seen = new Set<string>();
    const waiting: (readonly [event: Event, isGone: boolean])[] = [
      ...brought.map((event) => [event, false] as const),
      ...gone.map((event) => [event, true] as const),
    ];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [{ mention }, isGone] = next;
      const key = `${mention.commit} ${isGone}`;
      if (seen.has(key)) continue;
      seen.add(key);
      for (const event of this.#takingBack(mention.commit)) {
        (isGone ? brought : gone).push(event);
        waiting.push([event, !isGone]);
      }
    }
    return { brought, gone };
  }

  #takingBack(commit: string): Event[] {
    return (this.#reverts.get(commit.slice(0, 7)) ?? [])
      .filter(({ target }) => commit.startsWith(target) || target.startsWith(commit))
      .map(({ event }) => event)
      .filter(({ mention }) => mention.commit !== commit);
  }

  async #after(event: Event, gone: readonly Event[]): Promise<Event[]> {
    const after: Event[] = [];
    for (const each of gone) {
      if (each.mention.commit === event.mention.commit) continue;
      if (await this.#from.descends(each.mention, event.mention)) after.push(each);
    }
    return after;
  }
}
