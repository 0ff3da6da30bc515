/** OpenVEX's words, in JSON, code and tables. */
export type Status = 'affected' | 'not_affected' | 'fixed' | 'under_investigation';

/** Whether a status is one that a report lists without being asked. */
export function isConcern(status: Status): boolean {
  return status === 'affected' || status === 'under_investigation';
}

/** What the publisher does about it. */
export type FixState = 'fixed' | 'not_fixed' | 'will_not_fix' | 'deferred' | 'end_of_life' | 'unknown';

export const FIX_STATES = [
  'fixed',
  'not_fixed',
  'will_not_fix',
  'deferred',
  'end_of_life',
  'unknown',
] as const satisfies readonly FixState[];
