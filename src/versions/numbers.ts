/** A whole number of any size: a `number` while that is exact, else a `bigint`. The two compare with each other. */
export type WholeNumber = number | bigint;

/** Every number of so many digits is exact as a `number`. */
const EXACT_DIGITS = 15;

/** The value of decimal digits; none are 0. */
export function readNumber(digits: string | undefined): WholeNumber {
  if (!digits) return 0;
  if (digits.length <= EXACT_DIGITS) return Number(digits);
  const value = BigInt(digits);
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** The values of dotted decimal digits, `1.10` as `[1, 10]`. */
export function readNumbers(dotted: string): WholeNumber[] {
  return dotted.split('.').map(readNumber);
}

/** Below 0, 0 or above 0. Takes any two numbers, or any two texts (by code units, as C's strcmp orders ASCII). */
export function compareValues<Value extends WholeNumber | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders by the first number that differs; where one list goes on, it is the greater one. */
export function compareNumberLists(a: readonly WholeNumber[], b: readonly WholeNumber[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const order = compareValues(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Orders as `compareNumberLists`, but numbers that are missing count as 0: `1` equals `1.0`. */
export function comparePaddedNumbers(a: readonly WholeNumber[], b: readonly WholeNumber[]): number {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) {
    const order = compareValues(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
