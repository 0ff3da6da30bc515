/** The classes of the ledger: every component ends in exactly one. */
export const LEDGER_CLASSES = [
  'matched',
  'clean',
  'noFeed',
  'noVersion',
  'unknownNamespace',
  'unreadableVersion',
  'filtered',
] as const;

export type LedgerClass = (typeof LEDGER_CLASSES)[number];

/** Numbers of components by class; they add up to `components`. */
export interface Ledger extends Readonly<Record<LedgerClass, number>> {
  readonly components: number;
  readonly notAssessed: readonly { readonly packageId: string; readonly class: LedgerClass; readonly reason: string }[];
}
