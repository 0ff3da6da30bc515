import { compareValues, readNumber, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';

/** A run of digits or of letters, and how many other characters stand before it. */
interface Segment {
  readonly separatorCount: number;
  readonly value: WholeNumber | string;
}

interface AlpmVersion {
  readonly epoch: WholeNumber;
  readonly version: readonly Segment[];
  /** Empty without one. */
  readonly release: readonly Segment[];
}

const GRAMMAR = /^\s*(?:([0-9]+):)?([^\s:/-]+)(?:-([0-9]+(?:\.[0-9]+)*))?\s*$/;

/**
 * Versions of Arch Linux packages: `[epoch:]version[-release]`. Segments of digits count by value and are above letters; letters that
 * follow without a separator come before the end (`1.0rc < 1.0 < 1.0.a < 1.0.1`). A missing release sorts before every release;
 * pacman itself compares installed packages, which always have one.
 * Source: vercmp(8), PKGBUILD(5).
 */
export const alpm: VersionScheme<AlpmVersion> = {
  name: 'alpm',

  parse(text) {
    const [, epoch, version, release] = readVersion('alpm', text, GRAMMAR);
    return { epoch: readNumber(epoch), version: readSegments(version!), release: readSegments(release ?? '') };
  },

  compare: (a, b) =>
    compareValues(a.epoch, b.epoch) || compareSegments(a.version, b.version) || compareSegments(a.release, b.release),
};

function readSegments(text: string): readonly Segment[] {
  return [...text.matchAll(/([^0-9A-Za-z]*)([0-9]+|[A-Za-z]+)/g)].map(([, separators, run]) => ({
    separatorCount: separators!.length,
    value: /^[0-9]/.test(run!) ? readNumber(run) : run!,
  }));
}

function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const order = compareSegment(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  const next = a[common] ?? b[common];
  if (!next) return 0;
  const isBeforeEnd = next.separatorCount === 0 && typeof next.value === 'string';
  return a.length > b.length === isBeforeEnd ? -1 : 1;
}

function compareSegment(a: Segment, b: Segment): number {
  const separators = a.separatorCount - b.separatorCount;
  if (separators !== 0) return separators;
  const [aIsText, bIsText] = [typeof a.value === 'string', typeof b.value === 'string'];
  return aIsText === bIsText ? compareValues(a.value, b.value) : aIsText ? -1 : 1;
}
