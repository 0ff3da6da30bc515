/** A commit that a message names, and the line that names it. */
export interface NamedCommit {
  /** 7 to 40 hex digits, lower case. */
  readonly commit: string;
  readonly line: string;
}

/** A commit that is taken back. */
export interface RevertedCommit extends NamedCommit {
  /** False for `partially reverts`: then neither its presence nor its absence is proven. */
  readonly isWhole: boolean;
}

/** What the message of a commit says of other commits. */
export interface CommitReferences {
  /** Commits whose change this one brings. */
  readonly brings: readonly NamedCommit[];
  readonly reverts: readonly RevertedCommit[];
  /** Of a subject like `Revert "x"`: what it speaks of, and whether that is gone afterwards (`Reapply "x"` brings it back). */
  readonly about?: { readonly subject: string; readonly isGone: boolean };
}

const NOTHING: CommitReferences = { brings: [], reverts: [] };

/** Longer messages are squashed histories, which prove nothing; only this much of them is read. */
const MAX_MESSAGE_LENGTH = 1 << 20;

/** A subject is one line of a few words; what is longer is none, and is read no further. */
const MAX_SUBJECT_LENGTH = 1000;

const HINT = /ommit|revert|reapply|picked|ported from|Upstream-Status/i;

/** Forms that stand for themselves wherever their line begins. */
const MARKED: readonly RegExp[] = [
  // [ Upstream commit <sha> ], [ commit <sha> upstream ], [ backported from commit <sha> ]: stable trees.
  /^\s*\[\s*(?:(?:upstream|mainline)[ -]commit|commit upstream|backported from(?: upstream)?(?: commit)?):?\s+([0-9a-f]{7,40})(?![0-9a-z])/i,
  /^\s*\[\s*commit\s+([0-9a-f]{7,40})\s+upstream\.?\s*\]/i,
  // (cherry picked from commit <sha>): git, Android's UPSTREAM, BACKPORT and FROMGIT; (backported from commit <sha>): Ubuntu.
  /^\s*\((?:cherry[ -]?picked|back[ -]?ported) from(?: (?:upstream|mainline))?(?: commit)?:?\s+([0-9a-f]{7,40})(?![0-9a-z])/i,
  // Headers of SUSE's and Yocto's patches.
  /^(?:git|upstream|mainline)-commit:\s*([0-9a-f]{7,40})(?![0-9a-z])/i,
  /^upstream-status:\s*backport\b.*?(?:[?;&]id=|\/commit\/|\bcommit\s+|\[)([0-9a-f]{7,40})(?![0-9a-z])/i,
];

/** A line without an id names nothing, unless it ends with words that an id may be wrapped behind. */
const ID_LIKE = /[0-9a-f]{7}/i;

/** Forms that prose may hold by chance: they count as a paragraph's first and only line. */
const BARE: readonly RegExp[] = [
  /^\s*(?:upstream\s+)?commit\s+([0-9a-f]{7,40})\s+upstream(?:\.\s*|,.*|\s*\(.*)?$/i,
  /^\s*(?:upstream|mainline)\s+commit:?\s+([0-9a-f]{7,40})\s*\.?\s*$/i,
];

/** RHEL's and openEuler's form is a commit on a line of its own; what stands next to it tells it from prose. */
const LONE = /^\s*commit:?\s+([0-9a-f]{40})\s*$/;
const BESIDE_LONE = {
  after: /^\s*(?:Author|category):/,
  before: /^\s*(?:(?:mainline|stable) inclusion|from (?:mainline|stable)\b)/,
};

/**
 * Reads what a commit's message says of other commits.
 *
 * A message is text of strangers: it is never an error, and what is only prose (`Fixes:`, `since commit …`, quotes of a reverted
 * commit) names nothing. `This reverts commit A which is commit B upstream.` takes back both and brings none.
 *
 * @param subject the first paragraph. @param body the rest.
 * Source: Documentation/process/stable-kernel-rules.rst; git-cherry-pick(1), git-revert(1); Android's and Ubuntu's kernel wikis.
 */
export function readCommitMessage(subject: string, body: string): CommitReferences {
  if (!HINT.test(body) && !HINT.test(subject)) return NOTHING;
  const text = body.length > MAX_MESSAGE_LENGTH ? body.slice(0, MAX_MESSAGE_LENGTH) : body;
  const about = readRevertSubject(subject);
  const { reverts, rest } = readReverts(text, about !== undefined);
  return { brings: readBrought(rest), reverts, ...(about && { about }) };
}

function readBrought(text: string): NamedCommit[] {
  const found: NamedCommit[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    const isWrapped = /(?:from|commit)\s{0,9}$/i.test(line.slice(-16));
    if (!isWrapped && !ID_LIKE.test(line)) continue;
    // `(cherry picked from commit` may be wrapped before the id.
    const whole = isWrapped ? `${line} ${lines[index + 1] ?? ''}` : line;
    const commit = firstMatch(MARKED, whole) ?? (isParagraphStart(lines, index) ? firstMatch(BARE, line) : undefined);
    const lone = commit ?? readLone(lines, index);
    if (lone !== undefined) found.push({ commit: lone.toLowerCase(), line: whole.trim() });
  }
  return found;
}

function firstMatch(patterns: readonly RegExp[], line: string): string | undefined {
  for (const pattern of patterns) {
    const commit = pattern.exec(line)?.[1];
    if (commit !== undefined) return commit;
  }
  return undefined;
}

function isParagraphStart(lines: readonly string[], index: number): boolean {
  const before = lines[index - 1]?.trim() ?? '';
  return before === '' || firstMatch(BARE, before) !== undefined || /^\(|^\[|^from:/i.test(before);
}

function readLone(lines: readonly string[], index: number): string | undefined {
  const commit = LONE.exec(lines[index] ?? '')?.[1];
  if (commit === undefined) return undefined;
  const isMarked = BESIDE_LONE.after.test(lines[index + 1] ?? '') || BESIDE_LONE.before.test(lines[index - 1] ?? '');
  return isMarked ? commit : undefined;
}

const REVERT_WORDS =
  /\b(?<start>this |that )?(?<part>(?:partial(?:ly)?|partly)\s+)?reverts?(?<of>\s+of)?\s+(?:the\s+)?(?:(?:upstream|mainline|stable|following)\s+)*commits?:?\s+(?=[0-9a-f]{7})/gi;
const MAX_INDENT_LENGTH = 80;
const ID = /([0-9a-f]{7,40})(?![0-9a-z])/iy;
const TITLE = /\s*\([^()]{0,200}(?:\([^()]{0,100}\)[^()]{0,200})*\)/y;
const BETWEEN = /\s*(?:,\s*(?:and\s+)?|and\s+|&\s*)(?=[0-9a-f]{7,40}(?![0-9a-z]))/iy;
const WHICH =
  /\s*[,(]?\s*which\s+(?:is|was)\s+(?:(?:an?|the)\s+)?(?:(?:upstream|mainline)\s+)?(?:commit\s+)?(?=[0-9a-f]{7,40}(?![0-9a-z]))/iy;
const UPSTREAM = /\s+upstream\b/iy;

/** All `This reverts commit …`, and the text without them: what they name is not brought. */
function readReverts(text: string, isRevert: boolean): { reverts: RevertedCommit[]; rest: string } {
  const reverts: RevertedCommit[] = [];
  let rest = '';
  let copied = 0;
  for (const match of text.matchAll(REVERT_WORDS)) {
    if (match.index < copied) continue;
    const isAtStart = startsLine(text, match.index);
    // `we could revert commit X` in prose takes nothing back.
    if (!isRevert && !(isAtStart && match.groups?.start)) continue;
    const { commits, end } = readList(text, match.index + match[0].length);
    const isWhole = isAtStart && Boolean(match.groups?.start) && !match.groups?.part && !match.groups?.of;
    const line = text.slice(match.index, end).replace(/\s+/g, ' ').trim();
    for (const commit of commits) reverts.push({ commit, line, isWhole });
    rest += text.slice(copied, match.index);
    copied = end;
  }
  return { reverts, rest: rest + text.slice(copied) };
}

/** Whether only blanks stand before `index` in its line; looks back no further than an indent is wide. */
function startsLine(text: string, index: number): boolean {
  const start = Math.max(0, index - MAX_INDENT_LENGTH);
  const before = text.slice(start, index).trimEnd();
  const blanks = text.slice(start + before.length, index);
  return blanks.includes('\n') || (before === '' && start === 0);
}

/** Ids from `start` on, as far as they are one list. */
function readList(text: string, start: number): { commits: string[]; end: number } {
  const commits: string[] = [];
  let end = start;
  const skip = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = end;
    const match = pattern.exec(text);
    if (match) end = pattern.lastIndex;
    return match;
  };
  for (;;) {
    const commit = skip(ID)?.[1];
    if (commit === undefined) return { commits, end };
    commits.push(commit.toLowerCase());
    skip(UPSTREAM);
    skip(TITLE);
    if (!skip(WHICH) && !skip(BETWEEN)) return { commits, end };
  }
}

/** `Revert "Revert "x""` is x brought back; `Reapply "x"` is git's newer word for it. */
function readRevertSubject(subject: string): CommitReferences['about'] {
  let inner = stripTags(subject.slice(0, MAX_SUBJECT_LENGTH));
  let reverts = 0;
  let isRevert = false;
  for (;;) {
    const [, word, quoted] = /^(revert|reapply)\s*:?\s*"(.*?)"?$/i.exec(inner) ?? [];
    if (word === undefined || quoted === undefined || quoted === '') break;
    isRevert = true;
    if (word.toLowerCase() === 'revert') reverts += 1;
    inner = stripTags(quoted);
  }
  return isRevert ? { subject: inner, isGone: reverts % 2 === 1 } : undefined;
}

const TAGS = /^(?:(?:upstream|backport|fromgit|fromlist|stable|android)\s*:\s*|\[[^\]]{0,40}\]\s*)+/i;

/** A subject without what a vendor puts before it: `UPSTREAM: `, `BACKPORT: `, `[PATCH 1/2] `. */
function stripTags(subject: string): string {
  return subject.trim().replace(TAGS, '');
}

/** A subject in the form in which two are the same: without tags, case, trailing stop and doubled spaces. */
export function normaliseSubject(subject: string): string {
  return stripTags(subject.slice(0, MAX_SUBJECT_LENGTH)).replace(/\s+/g, ' ').replace(/\.+$/, '').trim().toLowerCase();
}
