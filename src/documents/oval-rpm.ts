import { ScannerError } from '../model/errors.ts';
import type { OvalCriteria } from './oval.ts';

/** What the criteria of Red Hat's and Oracle's OVAL say of one rpm. */
export interface RpmStatement {
  /** e.g. `8` of `Oracle Linux 8 is installed`; absent where the criteria name none. */
  readonly release?: string;
  readonly packageName: string;
  /** `[epoch:]version-release` that it is earlier than, without an epoch of 0; absent where any installed version counts. */
  readonly fixed?: string;
  /** Of `Oracle Linux arch is x86_64`. */
  readonly arch?: string;
  /** `name:stream` of `Module nodejs:18 is enabled`. */
  readonly module?: string;
}

/** Bound on what criteria may be multiplied out to; the largest real definition (a kernel) has some 3,000. */
const DEFAULT_MAX_COMBINATION_COUNT = 100_000;

/**
 * Multiplies criteria out to one statement for each package, release, architecture and module.
 *
 * The leaves are read by their comments, which both publishers write by a fixed pattern. What says nothing of versions (signing keys,
 * the running kernel) restricts nothing here.
 *
 * @param unread takes a comment of no known pattern.
 * @throws ScannerError `feed.limit-exceeded`.
 */
export function rpmStatements(
  criteria: OvalCriteria,
  unread: (comment: string) => void,
  { maxCombinationCount = DEFAULT_MAX_COMBINATION_COUNT }: { readonly maxCombinationCount?: number } = {},
): RpmStatement[] {
  const combinations = multiplyOut(criteria, unread, maxCombinationCount);
  return combinations.flatMap(({ packages, ...context }) => packages.map((named) => ({ ...context, ...named })));
}

/** One way to make the criteria true. */
interface Combination extends Pick<RpmStatement, 'release' | 'arch' | 'module'> {
  readonly packages: readonly Pick<RpmStatement, 'packageName' | 'fixed' | 'module'>[];
}

const TRUE: Combination = { packages: [] };

function multiplyOut(node: OvalCriteria | string, unread: (comment: string) => void, max: number): Combination[] {
  if (typeof node === 'string') return [readComment(node, unread)];
  const children = node.children.map((child) => multiplyOut(child, unread, max));
  const combinations = node.operator === 'OR' ? children.flat() : children.reduce((a, b) => product(a, b, max), [TRUE]);
  if (combinations.length > max) throw tooMany(max);
  return combinations;
}

function product(left: readonly Combination[], right: readonly Combination[], max: number): Combination[] {
  if (left.length * right.length > max) throw tooMany(max);
  return left.flatMap((a) => right.map((b) => ({ ...a, ...b, packages: [...a.packages, ...b.packages] })));
}

function tooMany(max: number): ScannerError {
  const message = `OVAL: criteria multiply out to more than maxCombinationCount = ${max}`;
  return new ScannerError('feed.limit-exceeded', message, { limit: 'maxCombinationCount', value: max });
}

/** Tests that say nothing of a version; `X is not installed` stands beside `X is installed` for "any version, and not affected". */
const NEUTRAL =
  /^\S+ (is signed with|is not installed$|version .* is (currently running|set to boot up))|^kernel .*(currently running|set to boot up)|must be installed$/;

function readComment(comment: string, unread: (comment: string) => void): Combination {
  const earlier = /^(\S+) is earlier than (\S+)$/.exec(comment);
  if (earlier) return { packages: [{ ...readName(earlier[1]!), fixed: withoutZeroEpoch(earlier[2]!) }] };
  if (NEUTRAL.test(comment)) return TRUE;
  const release = /^(?:Oracle Linux|Red Hat Enterprise Linux(?: \D+?)?) (\d+)(?:\.\d+)?(?: \D*)?is installed$/.exec(
    comment,
  );
  if (release) return { release: release[1]!, packages: [] };
  const installed = /^(\S+) is installed$/.exec(comment);
  if (installed) return { packages: [readName(installed[1]!)] };
  const arch = /^Oracle Linux arch is (\S+)$/.exec(comment);
  if (arch) return { arch: arch[1]!, packages: [] };
  const module = /^Module (\S+) is enabled$/.exec(comment);
  if (module) return { module: module[1]!, packages: [] };
  unread(comment);
  return TRUE;
}

/** `nodejs:16::nodejs`: a package of a module. */
function readName(text: string): Pick<RpmStatement, 'packageName' | 'module'> {
  const [, module, packageName] = /^([^:]+:[^:]+)::([^:]+)$/.exec(text) ?? [];
  return packageName ? { packageName, module: module! } : { packageName: text };
}

/** `0:91.9.1-1.el9_0` -> `91.9.1-1.el9_0`: OVAL always writes an epoch, rpm counts a missing one as 0. */
function withoutZeroEpoch(version: string): string {
  return version.startsWith('0:') ? version.slice(2) : version;
}
