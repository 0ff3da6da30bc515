import { type DestinationStream, type Logger, pino } from 'pino';

/** Levels as Clair's `-log-level` names them, and pino's. */
const LEVELS: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
};

/** What `--log-level` takes. */
export const LOG_LEVELS: readonly string[] = Object.keys(LEVELS);

/** One JSON object a line. Of an error only what we wrote ourselves and its stack: drivers hang requests and options on theirs. */
export function createLog(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level: LEVELS[level]!,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields },
    },
    destination,
  );
}

interface ErrorFields {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: ErrorFields;
}

function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: errorFields(error.cause) }),
  };
}
