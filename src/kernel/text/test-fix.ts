import { type FilePatch, type Hunk, normaliseLine, type PatchLine } from './fix-patch.ts';

/**
 * `applied` every hunk's new lines stand in the sources and its old ones do not; `partly` some do; `unknown` the fix is one whose text
 * proves nothing, or a file is not there; `missing` no hunk is found, which proves nothing either: code moves on.
 */
export type FixState = 'applied' | 'partly' | 'missing' | 'unknown';

/** A file's lines, and where each stands. */
export class SourceText {
  readonly #lines: readonly string[];
  readonly #places = new Map<string, number[]>();

  constructor(text: string) {
    this.#lines = text.split('\n').map(normaliseLine);
    for (const [at, line] of this.#lines.entries()) {
      const places = this.#places.get(line);
      if (places) places.push(at);
      else this.#places.set(line, [at]);
    }
  }

  /** Whether lines stand there one behind the other. */
  has(block: readonly string[]): boolean {
    if (block.length === 0) return false;
    let anchor = 0;
    let places = this.#places.get(block[0] as string) ?? [];
    for (const [at, line] of block.entries()) {
      const found = this.#places.get(line);
      if (!found) return false;
      if (found.length < places.length) [anchor, places] = [at, found];
    }
    return places.some((place) => block.every((line, at) => this.#lines[place - anchor + at] === line));
  }
}

/** Context kept on both sides of a change: all that git gives, then a single line. With none, two common lines prove a fix. */
const CONTEXTS = [3, 1];

/** Lines of a fix that its text must have to prove anything. */
const MIN_DISTINCTIVE = 2;

/**
 * Tests whether a fix's text stands in the sources. Measured on 4,373 fixes of Linux 6.1: 65 % of those that are in are found, and none
 * of those that are not.
 *
 * @param read a file's text; undefined where it is not there.
 */
export async function testFix(
  patches: readonly FilePatch[],
  read: (path: string) => Promise<SourceText | undefined>,
): Promise<FixState> {
  const added = patches.flatMap(({ hunks }) => hunks.flatMap(({ lines }) => newLines(lines)));
  if (new Set(added.filter(isDistinctive)).size < MIN_DISTINCTIVE) return 'unknown';
  let [found, all] = [0, 0];
  for (const { path, hunks } of patches) {
    const source = await read(path);
    if (!source) return 'unknown';
    all += hunks.length;
    found += hunks.filter((hunk) => CONTEXTS.some((context) => isApplied(hunk, context, source))).length;
  }
  if (found === all) return 'applied';
  return found > 0 ? 'partly' : 'missing';
}

/** Lines that a hunk adds, without those that it only moves. */
function newLines(lines: readonly PatchLine[]): string[] {
  const removed = new Set(lines.filter(({ kind }) => kind === 'removed').map(({ text }) => text));
  return lines.filter(({ kind, text }) => kind === 'added' && !removed.has(text)).map(({ text }) => text);
}

const MIN_DISTINCTIVE_CHARS = 9;
/** What stands anywhere. */
const BOILERPLATE =
  /^(?:goto \w+;|return\b[^(]*;|break;|continue;|(?:\} )?else(?: \{)?|if \((?:!?\w+|\w+ < 0)\)(?: \{)?|#endif.*|\/?\*.*|\/\/.*)$/;

const isDistinctive = (line: string): boolean => line.length >= MIN_DISTINCTIVE_CHARS && !BOILERPLATE.test(line);

function isApplied({ lines }: Hunk, context: number, source: SourceText): boolean {
  const kept = trim(lines, context);
  const side = (without: PatchLine['kind']): string[] =>
    kept.filter(({ kind }) => kind !== without).map(({ text }) => text);
  return source.has(side('removed')) && !source.has(side('added'));
}

/** A hunk with so much context at its ends. */
function trim(lines: readonly PatchLine[], context: number): readonly PatchLine[] {
  const first = lines.findIndex(({ kind }) => kind !== 'context');
  const last = lines.findLastIndex(({ kind }) => kind !== 'context');
  return lines.slice(Math.max(0, first - context), last + 1 + context);
}
