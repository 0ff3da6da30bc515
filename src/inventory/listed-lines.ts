/** The lines of a list: trimmed, without empty ones and without comments, which begin with `#`. */
export function* listedLines(text: string): Generator<{ readonly line: number; readonly value: string }, undefined> {
  for (const [index, row] of text.split('\n').entries()) {
    const value = row.trim();
    if (value !== '' && !value.startsWith('#')) yield { line: index + 1, value };
  }
}
