/** What a layer may cost before it is looked into. Times are milliseconds, sizes bytes. */
export interface FetchLimits {
  /** Of one download, as it comes and unpacked from its `Content-Encoding`. */
  readonly maxLayerBytes: number;
  /** Of one download from its first request to its last byte. */
  readonly maxFetchMs: number;
  readonly maxFetchAttempts: number;
  readonly maxRedirects: number;
  readonly maxConnectMs: number;
  /** Longest silence of a layer's server. */
  readonly maxSilenceMs: number;
  /** Posted layers beyond those that are analysed: being fetched, or waiting for their turn. One more is answered 503. */
  readonly maxWaitingLayers: number;
}

export const FETCH_LIMITS: FetchLimits = {
  maxLayerBytes: 16 * 1024 ** 3,
  maxFetchMs: 600_000,
  maxFetchAttempts: 3,
  maxRedirects: 10,
  maxConnectMs: 10_000,
  maxSilenceMs: 60_000,
  maxWaitingLayers: 64,
};
