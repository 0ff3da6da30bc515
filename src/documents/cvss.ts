/** Vector -> score, 0 to 10 in tenths; undefined for what is no vector, or leaves out a metric that the score needs. */
export type CvssScorer = (vector: string) => number | undefined;

/**
 * Loads the calculator for CVSS 2.0, 3.0, 3.1 and 4.0; it costs start-up time, so only who has vectors without scores asks for it.
 *
 * Of 2 and 3 it gives the base score, whatever else the vector says; 4.0 has one score, of all the metrics of the vector.
 * Every vector is calculated once. Source: the specifications at https://www.first.org/cvss/.
 */
export async function loadCvssScorer(): Promise<CvssScorer> {
  const { default: calculator } = await import('ae-cvss-calculator');
  const known = new Map<string, number | undefined>();
  return (vector) => {
    if (!known.has(vector)) known.set(vector, calculate(vector, calculator.fromVector));
    return known.get(vector);
  };
}

/** Longer than any vector with every metric of every group. */
const MAX_VECTOR_LENGTH = 400;

function calculate(vector: string, fromVector: typeof import('ae-cvss-calculator')['fromVector']): number | undefined {
  if (vector.length > MAX_VECTOR_LENGTH || cvssVersionOf(vector) === undefined) return undefined;
  try {
    const parsed = fromVector(vector);
    if (!parsed?.isBaseFullyDefined()) return undefined;
    const { base, overall } = parsed.calculateScores();
    return vector.startsWith('CVSS:4') ? overall : base;
  } catch {
    // The calculator throws on values that no metric has.
    return undefined;
  }
}

/** The version that a vector is of, as `2.0`, `3.0`, `3.1`, `4.0`; undefined for other texts. Only 2.0 has no prefix. */
export function cvssVersionOf(vector: string): string | undefined {
  const prefix = /^CVSS:(3\.0|3\.1|4\.0)\//.exec(vector)?.[1];
  return prefix ?? (/^\(?AV:[LAN]\/AC:/.test(vector) ? '2.0' : undefined);
}
