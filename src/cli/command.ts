import type { Writable } from 'node:stream';
import type { ExitCode } from './exit-codes.ts';

/** One option of a command, as `node:util` parseArgs takes it, with what `--help` and the reference print. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The empty text is a value too. */
  readonly allowsEmpty?: boolean;
  /** Placeholder of the value in the help, e.g. `FORMAT[=FILE]`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command is given: its words, and the outside world, so tests hand in their own. */
export interface Invocation {
  readonly options: OptionValues;
  readonly positionals: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Aborted by SIGINT and SIGTERM: clean up, then end. */
  readonly signal: AbortSignal;
  /** For commands that tell the two apart, and a second one: from now on `listener` is told of each, and `signal` is not aborted. */
  readonly takeSignals?: (listener: (signal: 'SIGINT' | 'SIGTERM') => void) => void;
}

/** A command of the command line: composes, decides nothing. One file a command in `commands/`. */
export interface Command {
  /** Its words: `scan`, `db status`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** e.g. `cvescan scan [OPTIONS] TARGET`. */
  readonly usage: string;
  /** Further text of `--help`, with examples. */
  readonly description?: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Options may also be written with one dash, `-config FILE`, as Clair's programs take them. */
  readonly singleDash?: boolean;
  /** Beside 0, 1, 2 and 3, which every command may end with. */
  readonly exitCodes?: readonly ExitCode[];
  /** @returns the exit code; errors are thrown as ScannerError and answered by the one place that maps them. */
  run(invocation: Invocation): Promise<number>;
}
