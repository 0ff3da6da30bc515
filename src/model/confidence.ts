/** How surely a CPE names a package, the surest first; what each means is told at `Confidence`. */
export const CONFIDENCES = ['exact', 'wildcard', 'product', 'guessed'] as const;

/**
 * `exact` vendor and product are those of the inventory, or the inventory leaves the vendor open;
 * `wildcard` the inventory leaves open what decides: the version, or the software that the product is made for;
 * `product` the product's name is the same, and another vendor's;
 * `guessed` the inventory names no CPE: a product of the package's name.
 */
export type Confidence = (typeof CONFIDENCES)[number];

/** Below 0 where `a` is the surer one. */
export function compareConfidence(a: Confidence, b: Confidence): number {
  return CONFIDENCES.indexOf(a) - CONFIDENCES.indexOf(b);
}
