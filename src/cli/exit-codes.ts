/** What a script may rely on. When several hold, the order is 3, 1, 10, 11, 0. */
export const EXIT_CODES = {
  0: 'done, and nothing crossed the gate',
  1: 'failure, e.g. no advisory database',
  2: 'usage: unknown command, option or value',
  3: 'bad input: the target cannot be read as what it claims to be',
  10: 'gate: --fail-on found something (the report is written)',
  11: 'nothing could be assessed (the report is written)',
} as const;

export type ExitCode = keyof typeof EXIT_CODES;
