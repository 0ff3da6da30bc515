/** Features of the runtime that we rely on although they still announce themselves. */
const KNOWN_WARNING = /^SQLite is an experimental feature/;

let quiet = false;

/**
 * Keeps the runtime's own announcements off standard error, where nothing but our words belong: `node:sqlite` warns in some
 * releases that it is young. All other warnings pass. Called once by the command line and once by every worker, before anything
 * loads `node:sqlite`.
 */
export function quietWarnings(): void {
  if (quiet) return;
  quiet = true;
  // Libraries that we bundle may use what the runtime calls old; a user can do nothing about it.
  process.noDeprecation = true;
  const emitWarning = process.emitWarning.bind(process) as (...parameters: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const text = typeof warning === 'string' ? warning : warning.message;
    if (!KNOWN_WARNING.test(text)) emitWarning(warning, ...rest);
  };
}
