/** What a runner tells of itself; details are numbers and words, never a token. */
export interface RunnerLog {
  info(message: string, details?: Readonly<Record<string, string | number>>): void;
  warn(message: string, details?: Readonly<Record<string, string | number>>): void;
  error(message: string, details?: Readonly<Record<string, string | number>>): void;
}
