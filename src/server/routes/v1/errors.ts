import { ERRORS, type ErrorCode, ScannerError } from '../../../model/errors.ts';

/** What `/v1` answers to an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly message: string;
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
  /** Clair gives it for a timeout only. */
  readonly type?: 'Timeout';
}

/** Seconds after which a client may ask again: a database that is back is found by then. */
const RETRY_AFTER_SECONDS = 5;

const DAMAGED = 'tarutil: could not extract the archive';
const TOO_BIG = 'tarutil: could not extract one or more files from the archive: file too big';

/** Clair's words, where clients know them by heart. */
const CLAIR_MESSAGES: Partial<Record<ErrorCode, string>> = {
  'resource.not-found': 'the resource cannot be found',
  'layer.unknown-parent': 'worker: parent layer is unknown, it must be processed first',
  'layer.unreachable': 'could not find layer',
  'layer.unsupported': 'worker: OS and/or package manager are not supported',
  'archive.damaged': DAMAGED,
  'image.damaged': DAMAGED,
  'archive.limit-exceeded': TOO_BIG,
  'image.limit-exceeded': TOO_BIG,
  'package-database.damaged': DAMAGED,
  'request.timeout': 'Clair failed to respond within the configured timeout window.',
};

/** Clair's answer to an error; undefined for what is a bug. */
export function errorAnswerOf(error: unknown): ErrorAnswer | undefined {
  if (!(error instanceof ScannerError)) return undefined;
  const { http: status } = ERRORS[error.code];
  return {
    status,
    message: CLAIR_MESSAGES[error.code] ?? error.message,
    ...(status === 503 && { retryAfter: RETRY_AFTER_SECONDS }),
    ...(error.code === 'request.timeout' && { type: 'Timeout' }),
  };
}
