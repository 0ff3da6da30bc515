const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a duration as Go writes it, `1h30m`, `900s`, `1.5h`, with `d` for days beside Go's units.
 *
 * @returns milliseconds; undefined when it is none, or negative.
 * Source: https://pkg.go.dev/time#ParseDuration.
 */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+$/.test(text)) return undefined;
  let sumMs = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([a-zµμ]+)/g)) sumMs += Number(count) * UNIT_MS[unit!]!;
  return Number.isFinite(sumMs) ? sumMs : undefined;
}
