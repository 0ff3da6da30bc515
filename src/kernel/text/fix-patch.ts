/** What a fix changes in one file. */
export interface FilePatch {
  readonly path: string;
  readonly hunks: readonly Hunk[];
}

/** A piece of a unified diff. */
export interface Hunk {
  readonly lines: readonly PatchLine[];
}

export interface PatchLine {
  readonly kind: 'context' | 'added' | 'removed';
  /** White space is one blank, none at the ends. */
  readonly text: string;
}

/** Files that hold code of the kernel; what a fix does elsewhere proves nothing. */
const CODE = /^(?!tools\/|samples\/|scripts\/|Documentation\/).*\.(c|h|S|rs)$/;

/**
 * Reads a unified diff as git writes it, files of code only; a file that is deleted or new has no lines on one side.
 * @param text with prefixes `a/` and `b/`.
 */
export function parseFixPatch(text: string): readonly FilePatch[] {
  const files: { path: string; hunks: { lines: PatchLine[] }[] }[] = [];
  let file: (typeof files)[number] | undefined;
  let left = { old: 0, new: 0 };
  for (const line of text.split('\n')) {
    if (left.old > 0 || left.new > 0) {
      const kind = KINDS[line[0] ?? ' '];
      if (kind === undefined) continue;
      file?.hunks.at(-1)?.lines.push({ kind, text: normaliseLine(line.slice(1)) });
      if (kind !== 'added') left.old -= 1;
      if (kind !== 'removed') left.new -= 1;
      continue;
    }
    const [, from, to] = /^diff --git a\/(.*) b\/(.*)$/.exec(line) ?? [];
    if (to !== undefined) {
      file = from === to && CODE.test(to) ? { path: to, hunks: [] } : undefined;
      if (file) files.push(file);
    }
    const [, oldCount, newCount] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [];
    if (line.startsWith('@@ ')) {
      left = { old: Number(oldCount ?? 1), new: Number(newCount ?? 1) };
      file?.hunks.push({ lines: [] });
    }
  }
  return files.filter(({ hunks }) => hunks.length > 0);
}

const KINDS: Readonly<Record<string, PatchLine['kind']>> = { ' ': 'context', '+': 'added', '-': 'removed' };

export function normaliseLine(line: string): string {
  return line.replace(/\s+/g, ' ').trim();
}
