import type { Writable } from 'node:stream';
import { printable } from '../platform/terminal.ts';

type Details = Readonly<Record<string, string | number>>;

/** What a runner tells of itself; details are numbers and words, never a token. */
export interface RunnerLog {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}

const LEVELS = ['info', 'warn', 'error'] as const;

/** A line an event: for people, or a JSON object for programs. */
export function createRunnerLog(stream: Writable, form: 'text' | 'json', now: () => Date): RunnerLog {
  const writers = LEVELS.map(
    (level) =>
      [
        level,
        (message: string, details: Details = {}): void => {
          const time = now().toISOString();
          stream.write(`${form === 'json' ? JSON.stringify({ time, level, message, ...details }) : line()}\n`);
          function line(): string {
            const more = Object.entries(details).map(([name, value]) => ` ${name}=${value}`);
            return `${time} ${level.padEnd(5)} ${printable(message)}${more.join('')}`;
          }
        },
      ] as const,
  );
  return Object.fromEntries(writers) as unknown as RunnerLog;
}
