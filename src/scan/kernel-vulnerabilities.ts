import type { KernelLine } from '../advisories/kernel-line.ts';
import { readBreakFix } from '../kernel/read-break-fix.ts';
import type { KernelBackport } from '../model/kernel-backport.ts';
import type { BreakFixLine, KernelVulnerability } from '../model/kernel-vulnerability.ts';

/** Where the lines come from: a snapshot. */
export interface KernelLines {
  kernelLines(): Iterable<KernelLine>;
  kernelBackports(): Iterable<KernelBackport>;
}

/**
 * What is known of the kernel's vulnerabilities, by CVE: the kernel's CVE team where it has spoken, with those of Ubuntu's lines that
 * name commits which it does not; else Ubuntu alone.
 */
export function kernelVulnerabilities(source: KernelLines): ReadonlyMap<string, KernelVulnerability> {
  const found = new Map<string, KernelVulnerability>();
  const ubuntu: Extract<KernelLine, { kind: 'break-fix' }>[] = [];
  for (const line of source.kernelLines()) {
    if (line.kind === 'break-fix') ubuntu.push(line);
    else found.set(line.id, { id: line.id, source: 'linux_cna', ...line.facts, breakFixes: [] });
  }
  for (const { id, lines } of ubuntu) {
    const known = found.get(id);
    // A line that cannot be read is a hole of which nothing is known: neither its break nor its fix.
    const breakFixes = lines.map((line) => readBreakFix(line) ?? UNREADABLE);
    found.set(id, known ? { ...known, breakFixes: breakFixes.filter(isNewTo(known)) } : ubuntuAlone(id, breakFixes));
  }
  return found;
}

const UNREADABLE: BreakFixLine = { breaks: [], fixes: [] };

function ubuntuAlone(id: string, breakFixes: readonly BreakFixLine[]): KernelVulnerability {
  return { id, title: '', source: 'uct', groups: [], mainlineFixes: [], files: [], breakFixes };
}

function isNewTo({ groups, mainlineFixes }: KernelVulnerability): (line: BreakFixLine) => boolean {
  const commits = [
    ...mainlineFixes,
    ...groups.flatMap((group) => [
      ...(group.break ? [group.break.commit] : []),
      ...group.fixes.map((fix) => fix.commit),
    ]),
  ];
  const isKnown = (id: string): boolean => commits.some((commit) => commit.startsWith(id) || id.startsWith(commit));
  return ({ breaks, fixes }) =>
    [...breaks, ...fixes].some((reference) => reference.kind !== 'commit' || !isKnown(reference.commit));
}
