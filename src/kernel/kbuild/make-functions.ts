import { normalizePath } from '../align-paths.ts';
import { stemOf, substitutePattern, wordsOf } from './make-text.ts';

/**
 * Stands in expanded text for what is not known: a symbol that a partial list does not name, what a shell or the compiler would
 * answer. It survives the functions, and whatever depends on it counts as compiled.
 */
export const UNKNOWN = '\u0001';

/** What functions ask of the tree. */
export interface MakeFiles {
  /** Paths that match a pattern with `*` and `?`, sorted. */
  wildcard(pattern: string): readonly string[];
}

type TextFunction = (parts: readonly string[], files: MakeFiles) => string;

const perWord =
  (change: (word: string) => string, position = 0): TextFunction =>
  (parts) =>
    wordsOf(parts[position] ?? '')
      .map(change)
      .join(' ');

const slice =
  (of: (words: readonly string[], from: number, to: number) => readonly string[]): TextFunction =>
  ([first = '', second = '', third = '']) =>
    of(wordsOf(third || second), Number(first), Number(second)).join(' ');

/**
 * Functions whose arguments are all expanded first, with the number of arguments they take. Those that decide what is expanded
 * (`if`, `foreach`, `call` …) are with the evaluator.
 * Source: GNU make manual, chapter 8.
 */
export const TEXT_FUNCTIONS: Readonly<Record<string, readonly [arguments_: number, run: TextFunction]>> = {
  subst: [3, ([from = '', to = '', text = '']) => (from === '' ? text + to : text.replaceAll(from, () => to))],
  patsubst: [3, ([from = '', to = '', text = '']) => substitutePattern(text, from.trim(), to.trim())],
  strip: [1, ([text = '']) => wordsOf(text).join(' ')],
  findstring: [2, ([part = '', text = '']) => (text.includes(part) ? part : text.includes(UNKNOWN) ? UNKNOWN : '')],
  filter: [2, ([patterns = '', text = '']) => select(patterns, text, true)],
  'filter-out': [2, ([patterns = '', text = '']) => select(patterns, text, false)],
  sort: [1, ([text = '']) => [...new Set(wordsOf(text))].sort().join(' ')],
  word: [2, ([index = '', text = '']) => wordsOf(text)[Number(index) - 1] ?? ''],
  wordlist: [3, slice((words, from, to) => words.slice(from - 1, to))],
  words: [1, ([text = '']) => (text.includes(UNKNOWN) ? UNKNOWN : String(wordsOf(text).length))],
  firstword: [1, ([text = '']) => wordsOf(text)[0] ?? ''],
  lastword: [1, ([text = '']) => wordsOf(text).at(-1) ?? ''],
  dir: [1, perWord((word) => /^.*\//.exec(word)?.[0] ?? './')],
  notdir: [1, perWord((word) => word.slice(word.lastIndexOf('/') + 1))],
  suffix: [1, perWord((word) => /\.[^./]*$/.exec(word)?.[0] ?? '')],
  basename: [1, perWord((word) => word.replace(/\.[^./]*$/, ''))],
  addsuffix: [2, (parts) => perWord((word) => word + (parts[0] ?? ''), 1)(parts, NO_FILES)],
  addprefix: [2, (parts) => perWord((word) => (parts[0] ?? '') + word, 1)(parts, NO_FILES)],
  join: [2, ([left = '', right = '']) => joinWords(wordsOf(left), wordsOf(right))],
  wildcard: [
    1,
    ([patterns = ''], files) =>
      wordsOf(patterns)
        .flatMap((pattern) => files.wildcard(pattern))
        .join(' '),
  ],
  realpath: [1, perWord(normalizePath)],
  abspath: [1, perWord(normalizePath)],
  // What a program would answer is not known.
  shell: [1, () => UNKNOWN],
  file: [1, () => ''],
  info: [1, () => ''],
  warning: [1, () => ''],
  // A configuration that make refuses is not built at all; what follows is read nevertheless.
  error: [1, () => ''],
};

const NO_FILES: MakeFiles = { wildcard: () => [] };

function select(patterns: string, text: string, keep: boolean): string {
  const known = wordsOf(patterns).filter((pattern) => !pattern.includes(UNKNOWN));
  const isUnsure = patterns.includes(UNKNOWN);
  return wordsOf(text)
    .filter((word) => {
      // Both functions keep what might stay: too many are compiled rather than too few.
      if (word.includes(UNKNOWN)) return true;
      const matches = known.some((pattern) => stemOf(word, pattern) !== undefined);
      return keep ? matches || isUnsure : !matches;
    })
    .join(' ');
}

function joinWords(left: readonly string[], right: readonly string[]): string {
  return Array.from(
    { length: Math.max(left.length, right.length) },
    (_, at) => `${left[at] ?? ''}${right[at] ?? ''}`,
  ).join(' ');
}

/**
 * Functions of `scripts/Kbuild.include` and `scripts/Makefile.compiler` that ask the compiler for a flag: the flag is what they
 * answer, and Kbuild decides nothing by it.
 */
export const FLAG_FUNCTIONS = new Set([
  'cc-option',
  'cc-disable-warning',
  'as-option',
  'ld-option',
  'hostcc-option',
  'rustc-option',
]);
