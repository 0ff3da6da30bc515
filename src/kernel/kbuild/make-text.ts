/** Where the bracket at `open` is closed, counting its own kind only, as make does; -1 if nowhere. */
export function closingBracket(text: string, open: number): number {
  const [opening, closing] = text[open] === '{' ? ['{', '}'] : ['(', ')'];
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === opening) depth++;
    else if (text[at] === closing && --depth === 0) return at;
  }
  return -1;
}

/** Splits at commas outside brackets, into at most `limit` pieces; the last one keeps its commas. */
export function splitArguments(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length && pieces.length < limit - 1; at++) {
    const sign = text[at];
    if (sign === '(' || sign === '{') depth++;
    else if (sign === ')' || sign === '}') depth--;
    else if (sign === ',' && depth === 0) {
      pieces.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...pieces, text.slice(from)];
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** What `%` stands for where a word matches a pattern; undefined where it does not. */
export function stemOf(word: string, pattern: string): string | undefined {
  const at = pattern.indexOf('%');
  if (at < 0) return word === pattern ? '' : undefined;
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  if (word.length < before.length + after.length || !word.startsWith(before) || !word.endsWith(after)) return undefined;
  return word.slice(before.length, word.length - after.length);
}

/** `$(patsubst pattern,replacement,text)`. */
export function substitutePattern(text: string, pattern: string, replacement: string): string {
  return wordsOf(text)
    .map((word) => {
      const stem = stemOf(word, pattern);
      if (stem === undefined) return word;
      return pattern.includes('%') ? replacement.replace('%', () => stem) : replacement;
    })
    .join(' ');
}
