/** What a listener takes from its clients. Times are milliseconds, sizes bytes. */
export interface ListenerLimits {
  /** Connections at once. At the limit the one that has been idle longest makes room. */
  readonly maxConnections: number;
  /** Request line and headers together; more is answered 431. */
  readonly maxHeaderBytes: number;
  /** From the connection, or the request before, until the headers are there. */
  readonly maxHeaderWaitMs: number;
  /** From the first byte of a request until its last. */
  readonly maxRequestReceiveMs: number;
  readonly maxTlsHandshakeMs: number;
  /** A connection without a request is kept for this long. */
  readonly maxIdleMs: number;
}

export const LISTENER_LIMITS: ListenerLimits = {
  maxConnections: 4096,
  maxHeaderBytes: 16 * 1024,
  maxHeaderWaitMs: 20_000,
  maxRequestReceiveMs: 300_000,
  maxTlsHandshakeMs: 10_000,
  maxIdleMs: 75_000,
};
