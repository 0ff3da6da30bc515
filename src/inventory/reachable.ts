/** Everything that roots lead to in a graph, they included; of any depth, circles too. */
export function reachable(roots: Iterable<string>, needs: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(roots);
  const pending = [...seen];
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    for (const needed of needs.get(key) ?? []) {
      if (seen.has(needed)) continue;
      seen.add(needed);
      pending.push(needed);
    }
  }
  return seen;
}
