import { ScannerError } from '../model/errors.ts';

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

/**
 * Reads a span of time of the command line, e.g. `12h`, `7d`, `2w`.
 *
 * @returns milliseconds.
 * @throws ScannerError `usage.invalid`.
 */
export function parseDuration(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const hours = HOURS[unit ?? ''];
  if (count === undefined || hours === undefined) {
    throw new ScannerError('usage.invalid', `${option} ${text}: it is a number with h, d or w, e.g. 7d`);
  }
  return Number(count) * hours * 3_600_000;
}
