/** What stands where something else should. */
const WRONG: readonly unknown[] = [null, 7, true, 'text', [], {}, [[]], [null], { length: 1 }];

/** The value once for each of its places and each wrong value there. */
export function* withWrongTypes(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const put = (changed: unknown) =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    for (const wrong of WRONG) yield put(wrong);
    for (const changed of withWrongTypes(item)) yield put(changed);
  }
}

/** The text cut at some hundred places. */
export function* withCuts(text: Buffer): Generator<Buffer> {
  const step = Math.max(1, Math.ceil(text.length / 100));
  for (let end = 0; end < text.length; end += step) yield text.subarray(0, end);
}

/** The value with one text in the place of each of its texts, one after the other. */
export function* withTexts(value: unknown, text: string): Generator<unknown> {
  if (typeof value === 'string') yield text;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    for (const changed of withTexts(item, text))
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
}

/** JSON of so many lists in one another. */
export function nestedLists(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

/** A list made by its places. */
export function listOf<Item>(count: number, make: (n: number) => Item): Item[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
