/**
 * Reads a pattern of paths: `*` stands for any signs of one name, `**` for any folders, all else for itself. A pattern that ends in `/`
 * holds of all below it.
 *
 * Matched name by name without going back on itself, so that no pattern takes long.
 */
export function readPathPattern(pattern: string): (path: string) => boolean {
  const wanted = `${pattern.replace(/^\//, '')}${pattern.endsWith('/') ? '**' : ''}`.split('/');
  return (path) => matchesNames(wanted, path.replace(/^\//, '').split('/'));
}

/** Greedy with one point of return, the last `**`: linear in practice, quadratic at worst. */
function matchesNames(wanted: readonly string[], names: readonly string[]): boolean {
  return matchesSequence(wanted, names, { any: '**', matches: matchesName });
}

function matchesName(wanted: string, name: string): boolean {
  return matchesSequence([...wanted], [...name], { any: '*', matches: (sign, other) => sign === other });
}

interface Matching {
  /** Stands for any number of items. */
  readonly any: string;
  readonly matches: (wanted: string, item: string) => boolean;
}

function matchesSequence(wanted: readonly string[], items: readonly string[], { any, matches }: Matching): boolean {
  let [at, from] = [0, 0];
  let lastAny: { readonly at: number; readonly from: number } | undefined;
  while (from < items.length) {
    if (wanted[at] === any) {
      lastAny = { at, from };
      at++;
    } else if (at < wanted.length && matches(wanted[at]!, items[from]!)) {
      at++;
      from++;
    } else if (lastAny) {
      lastAny = { at: lastAny.at, from: lastAny.from + 1 };
      at = lastAny.at + 1;
      from = lastAny.from;
    } else return false;
  }
  return wanted.slice(at).every((rest) => rest === any);
}
