/** How large what can be made again may grow on disk. What was not used for longest goes first. */
export interface CacheLimits {
  /** What layers yielded. */
  readonly maxCacheBytes: number;
  /** What OSV's API answered. */
  readonly maxOsvCacheBytes: number;
}

/** Room for some thousand layers, and for the records of some hundred applications. */
export const DEFAULT_CACHE_LIMITS: CacheLimits = {
  maxCacheBytes: 1024 ** 3,
  maxOsvCacheBytes: 256 * 1024 ** 2,
};
