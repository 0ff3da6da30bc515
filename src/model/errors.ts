/** What a caller may rely on for each code: HTTP status, exit code, and whether the same call may succeed later. */
export const ERRORS = {
  'annotations.malformed': { http: 422, exit: 3, retryable: false },
  'archive.damaged': { http: 422, exit: 3, retryable: false },
  'archive.limit-exceeded': { http: 422, exit: 3, retryable: false },
  'config.invalid': { http: 400, exit: 2, retryable: false },
  'database.busy': { http: 503, exit: 1, retryable: true },
  'database.damaged': { http: 500, exit: 1, retryable: false },
  'database.missing': { http: 503, exit: 1, retryable: true },
  'database.stale': { http: 503, exit: 1, retryable: true },
  'database.unwritable': { http: 507, exit: 1, retryable: true },
  'document.digest-mismatch': { http: 422, exit: 3, retryable: false },
  'document.limit-exceeded': { http: 422, exit: 3, retryable: false },
  'document.malformed': { http: 422, exit: 3, retryable: false },
  'document.not-found': { http: 404, exit: 3, retryable: false },
  'document.unknown-format': { http: 422, exit: 3, retryable: false },
  'endpoint.malformed': { http: 502, exit: 1, retryable: false },
  'endpoint.not-found': { http: 404, exit: 3, retryable: false },
  'endpoint.refused': { http: 502, exit: 1, retryable: false },
  'endpoint.unreachable': { http: 502, exit: 1, retryable: true },
  'feed.limit-exceeded': { http: 502, exit: 1, retryable: false },
  'feed.malformed': { http: 502, exit: 1, retryable: false },
  'feed.not-in-mirror': { http: 502, exit: 1, retryable: false },
  'feed.shrunk': { http: 502, exit: 1, retryable: false },
  'feed.unknown': { http: 400, exit: 2, retryable: false },
  'feed.unreachable': { http: 502, exit: 1, retryable: true },
  'finding.unknown': { http: 404, exit: 3, retryable: false },
  'idempotency.conflict': { http: 422, exit: 1, retryable: false },
  'ignore.malformed': { http: 422, exit: 3, retryable: false },
  'image.damaged': { http: 422, exit: 3, retryable: false },
  'image.digest-mismatch': { http: 422, exit: 3, retryable: false },
  'image.limit-exceeded': { http: 422, exit: 3, retryable: false },
  'image.not-found': { http: 404, exit: 3, retryable: false },
  'image.unknown-format': { http: 422, exit: 3, retryable: false },
  'job.cancelled': { http: 409, exit: 1, retryable: false },
  'job.deadline': { http: 409, exit: 1, retryable: false },
  'job.ended': { http: 409, exit: 1, retryable: false },
  'job.no-payload': { http: 409, exit: 1, retryable: false },
  'job.not-ended': { http: 409, exit: 1, retryable: false },
  'job.not-found': { http: 404, exit: 1, retryable: false },
  'kernel.implausible': { http: 422, exit: 3, retryable: false },
  'kernel.limit-exceeded': { http: 422, exit: 3, retryable: false },
  'kernel.malformed': { http: 422, exit: 3, retryable: false },
  'kernel.no-facts': { http: 409, exit: 1, retryable: false },
  'kernel.not-found': { http: 404, exit: 3, retryable: false },
  'kernel.unknown-cve': { http: 404, exit: 1, retryable: false },
  'layer.unknown-format': { http: 400, exit: 3, retryable: false },
  'layer.unknown-parent': { http: 400, exit: 3, retryable: false },
  'layer.unreachable': { http: 400, exit: 3, retryable: true },
  'layer.unsupported': { http: 422, exit: 3, retryable: false },
  'lease.lost': { http: 409, exit: 1, retryable: false },
  'package-database.damaged': { http: 422, exit: 3, retryable: false },
  'permission.denied': { http: 403, exit: 1, retryable: false },
  'plugin.invalid': { http: 500, exit: 2, retryable: false },
  'report.conflict': { http: 409, exit: 1, retryable: false },
  'report.malformed': { http: 422, exit: 3, retryable: false },
  'report.missing': { http: 422, exit: 1, retryable: false },
  'report.too-large': { http: 413, exit: 3, retryable: false },
  'report.unknown-format': { http: 400, exit: 2, retryable: false },
  'report.unwritable': { http: 500, exit: 1, retryable: true },
  'request.invalid': { http: 422, exit: 2, retryable: false },
  'request.malformed': { http: 400, exit: 2, retryable: false },
  'request.timeout': { http: 503, exit: 1, retryable: true },
  'request.too-large': { http: 413, exit: 2, retryable: false },
  'resource.not-found': { http: 404, exit: 3, retryable: false },
  'result.conflict': { http: 409, exit: 1, retryable: false },
  'scan.no-report': { http: 409, exit: 1, retryable: true },
  'scan.not-found': { http: 404, exit: 1, retryable: false },
  'server.busy': { http: 503, exit: 1, retryable: true },
  'state.damaged': { http: 503, exit: 1, retryable: false },
  'state.in-use': { http: 503, exit: 1, retryable: true },
  'state.newer': { http: 503, exit: 1, retryable: false },
  'state.older': { http: 503, exit: 1, retryable: false },
  'state.unavailable': { http: 503, exit: 1, retryable: true },
  'template.malformed': { http: 422, exit: 3, retryable: false },
  'token.forbidden': { http: 403, exit: 1, retryable: false },
  'token.invalid': { http: 401, exit: 1, retryable: false },
  'token.not-found': { http: 404, exit: 1, retryable: false },
  'usage.invalid': { http: 400, exit: 2, retryable: false },
  'version.malformed': { http: 422, exit: 3, retryable: false },
  'version.unknown-scheme': { http: 400, exit: 2, retryable: false },
  'vex.malformed': { http: 422, exit: 3, retryable: false },
} as const satisfies Record<string, { http: number; exit: number; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

/**
 * The only error class thrown on purpose: the caller can act on its `code`.
 * Anything else that arrives at a boundary is a bug and keeps its full stack.
 */
export class ScannerError extends Error {
  override readonly name = 'ScannerError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;

  /** @param message one sentence for a person: what is wrong, where, and what to do next. */
  constructor(code: ErrorCode, message: string, details: Record<string, string | number> = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
