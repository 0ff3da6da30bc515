import { ScannerError } from '../../model/errors.ts';
import type { TaskError } from './task.ts';

/** An error as it goes between processes, where it loses its class. */
export function plainError(error: unknown): TaskError {
  if (error instanceof ScannerError) return { code: error.code, message: error.message, details: error.details };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
