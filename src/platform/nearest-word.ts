/**
 * The known word that someone probably meant, for "did you mean".
 *
 * @returns undefined when nothing is near: more than a third of the letters differ.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word, candidate);
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { word: candidate, distance };
  }
  return best && best.distance <= Math.max(1, Math.ceil(best.word.length / 3)) ? best.word : undefined;
}

/** `; did you mean "scan"?`, or nothing: the end of an error's sentence. */
export function didYouMean(word: string, known: Iterable<string>, prefix = ''): string {
  const nearest = nearestWord(word, known);
  return nearest === undefined ? '' : `; did you mean ${prefix}${nearest}?`;
}

/** Letters to add, drop, replace, or swap with their neighbour (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, above] = [above, current];
  }
  return above[b.length] ?? 0;
}
