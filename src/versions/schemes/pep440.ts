import { comparePaddedNumbers, compareValues, readNumber, readNumbers, type WholeNumber } from '../numbers.ts';
import { readVersion, type VersionScheme } from '../scheme.ts';
import { type Identifier, readIdentifiers } from '../semantic.ts';

interface Pep440Version {
  readonly epoch: WholeNumber;
  readonly release: readonly WholeNumber[];
  /** Phase of a pre-release, or where a version without one sorts among them. */
  readonly phase: number;
  readonly phaseNumber: WholeNumber;
  /** -1 without one: below `.post0`. */
  readonly post: WholeNumber;
  /** Infinity without one: above every `.devN`. */
  readonly dev: WholeNumber;
  /** In lower case; empty without one: below every local version. */
  readonly local: readonly Identifier[];
}

/** Phases in rising order: `1.0.dev1 < 1.0a1 < 1.0b1 < 1.0rc1 < 1.0`. */
const DEV_ONLY = 0;
const FINAL = 4;
const PHASES: Readonly<Record<string, number>> = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };

const GRAMMAR = new RegExp(
  [
    '^\\s*v?(?:([0-9]+)!)?([0-9]+(?:\\.[0-9]+)*)',
    '(?:[-_.]?(alpha|beta|preview|pre|rc|a|b|c)[-_.]?([0-9]+)?)?',
    '(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]+)?)?',
    '(?:[-_.]?(dev)[-_.]?([0-9]+)?)?',
    '(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\\s*$',
  ].join(''),
  'i',
);

/**
 * Versions of Python packages: `[epoch!]release[{a|b|rc}N][.postN][.devN][+local]`, in all the spellings that PEP 440
 * normalises (`1.0-1` is `1.0.post1`, `1.0.RC-1` is `1.0rc1`).
 * Source: https://packaging.python.org/specifications/version-specifiers/ (PEP 440, appendix B); package `packaging`.
 */
export const pep440: VersionScheme<Pep440Version> = { name: 'pep440', parse, compare, compareWithStated };

function parse(text: string): Pep440Version {
  const parts = readVersion('pep440', text, GRAMMAR);
  const [, epoch, release, phase, phaseNumber, implicitPost, post, postNumber, dev, devNumber, local] = parts;
  const hasPost = implicitPost !== undefined || post !== undefined;
  return {
    epoch: readNumber(epoch),
    release: readNumbers(release!),
    phase: phase ? PHASES[phase.toLowerCase()]! : dev && !hasPost ? DEV_ONLY : FINAL,
    phaseNumber: readNumber(phaseNumber),
    post: hasPost ? readNumber(implicitPost ?? postNumber) : -1,
    dev: dev ? readNumber(devNumber) : Number.POSITIVE_INFINITY,
    local: readIdentifiers(local?.toLowerCase().replace(/[-_]/g, '.')),
  };
}

function compare(a: Pep440Version, b: Pep440Version): number {
  return (
    compareValues(a.epoch, b.epoch) ||
    comparePaddedNumbers(a.release, b.release) ||
    a.phase - b.phase ||
    compareValues(a.phaseNumber, b.phaseNumber) ||
    compareValues(a.post, b.post) ||
    compareValues(a.dev, b.dev) ||
    compareLocal(a.local, b.local)
  );
}

/**
 * A stated version without a local part is that of the project, whoever built it: `1.13.1+cpu` is `1.13.1` to it, so an end "up to and
 * with 1.13.1" and a list with `1.13.1` hold it. One with a local part means that build alone.
 * Source: https://packaging.python.org/specifications/version-specifiers/#version-matching, and "Inclusive ordered comparison".
 */
function compareWithStated(installed: Pep440Version, stated: Pep440Version): number {
  return compare(stated.local.length === 0 ? { ...installed, local: [] } : installed, stated);
}

/** Numbers by value, above texts; where one list goes on, it is the greater one. */
function compareLocal(a: readonly Identifier[], b: readonly Identifier[]): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const [xIsText, yIsText] = [typeof x === 'string', typeof y === 'string'];
    const order = xIsText === yIsText ? compareValues(x, y) : xIsText ? -1 : 1;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
