import type { KernelCommit, KernelGroup } from '../model/kernel-vulnerability.ts';

/**
 * What sources say of flaws of the Linux kernel, as lines of pages. A kernel is judged against all of them at once, so they lie apart
 * from other facts, some hundred to a page:
 *
 *     [part, id, title, mainlineFixes, files, groups, isRejected]     the kernel's CVE team
 *     [part, id, lines]                                               Ubuntu's break-fix lines, as written
 *
 * The id is 0 where it is the part's name. A group is `[version, commit, version, commit …]`: the break (0, 0 where nobody knows it),
 * then each fix. Zeros at the end are left out.
 */
export interface KernelFacts {
  readonly title: string;
  readonly mainlineFixes: readonly string[];
  readonly files: readonly string[];
  readonly groups: readonly KernelGroup[];
  readonly isRejected?: boolean;
}

/** A line read back. */
export type KernelLine = { readonly id: string } & (
  | { readonly kind: 'facts'; readonly facts: KernelFacts }
  | { readonly kind: 'break-fix'; readonly lines: readonly string[] }
);

const PAGES = 'kernel ';

/** The page of an id: a thousand numbers of a year share one. */
export const kernelBucket = (id: string): string => `${PAGES}${id.slice(0, -3)}`;

/** All these pages: from here, up to but without there. */
export const KERNEL_BUCKETS = { from: PAGES, to: 'kernel!' } as const;

/** The id under which lists of backports lie. */
export const BACKPORTS_ID = 'kernel backports';

/** How the line of a part on an id begins. */
export function kernelLineStart(part: string, id: string): string {
  return `${JSON.stringify([part, id === part ? 0 : id]).slice(0, -1)},`;
}

/** A line of the kernel's CVE team. */
export function factsLine(
  part: string,
  id: string,
  { title, mainlineFixes, files, groups, isRejected }: KernelFacts,
): string {
  const values = [title, mainlineFixes, files, groups.map(groupValue), ...(isRejected ? [1] : [])];
  return `${kernelLineStart(part, id)}${JSON.stringify(values).slice(1)}`;
}

/** A line of Ubuntu. */
export function breakFixLine(part: string, id: string, lines: readonly string[]): string {
  return `${kernelLineStart(part, id)}${JSON.stringify([lines]).slice(1)}`;
}

const groupValue = ({ break: broken, fixes }: KernelGroup): readonly (string | 0)[] =>
  [...(broken ? [broken] : [{ version: 0 as const, commit: 0 as const }]), ...fixes].flatMap(({ version, commit }) => [
    version ?? 0,
    commit,
  ]);

type Line =
  | readonly [part: string, id: string | 0, lines: readonly string[]]
  | readonly [
      part: string,
      id: string | 0,
      title: string,
      mainlineFixes: readonly string[],
      files: readonly string[],
      groups: readonly (readonly (string | 0)[])[],
      isRejected?: 1,
    ];

/** Reads what the above wrote. */
export function readKernelLine(text: string): KernelLine {
  const line = JSON.parse(text) as Line;
  const id = line[1] || line[0];
  if (line.length === 3) return { id, kind: 'break-fix', lines: line[2] };
  const [, , title, mainlineFixes, files, groups, isRejected] = line;
  const facts = { title, mainlineFixes, files, groups: groups.map(readGroup), ...(isRejected && { isRejected: true }) };
  return { id, kind: 'facts', facts };
}

function readGroup(value: readonly (string | 0)[]): KernelGroup {
  const commits: KernelCommit[] = [];
  for (let at = 2; at < value.length; at += 2) commits.push(readCommit(value[at]!, value[at + 1]!));
  return value[1] ? { break: readCommit(value[0]!, value[1]), fixes: commits } : { fixes: commits };
}

const readCommit = (version: string | 0, commit: string | 0): KernelCommit =>
  version ? { version, commit: commit as string } : { commit: commit as string };
