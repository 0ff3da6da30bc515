import { ScannerError } from '../model/errors.ts';
import { dpkg } from '../versions/schemes/dpkg.ts';
import { compareKernelVersions, type KernelVersion, parseKernelVersion } from './kernel-version.ts';

/** An item of a changelog that names vulnerabilities. */
export interface ChangelogItem {
  /** As its entry's header states it; absent where it states none. */
  readonly version?: string;
  /** Its first line. */
  readonly text: string;
  readonly cves: readonly string[];
}

/** `linux (6.1.176-1) bookworm-security; urgency=high` */
const DEBIAN_HEADER = /^[a-z0-9][\w.+-]* \(([^()\s]+)\)(?: [\w.+-]+)*;/;
/** `* Mon Jan 01 2024 Name <mail> - 5.14.0-362.el9`, `… [4.18.0-513.el8]`, or without a version. */
const RPM_HEADER =
  /^\* [A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} (?:\d\d:\d\d:\d\d \S+ )?\d{4}\b(?:.*[\s[]((?:\d+:)?\d+\.\d+[\w.+~^-]*)\]?)?\s*$/;
const ITEM = /^(\s*)[-*] (.*)$/;
const CVE = /\bCVE-\d{4}-\d{4,}\b/g;

/**
 * Reads the changelog of a package of Debian's or rpm's form, the newest entry first, as both write it.
 *
 * @returns the items that name vulnerabilities, in the order of the file.
 * @throws ScannerError `kernel.malformed`: there is no header of an entry in it.
 * Sources: Debian Policy 4.4; rpm's manual, "%changelog".
 */
export function readChangelog(text: string): readonly ChangelogItem[] {
  const items: { version: string | undefined; lines: string[] }[] = [];
  let version: string | undefined;
  let isInside = false;
  for (const line of text.split(/\r?\n/)) {
    const header = DEBIAN_HEADER.exec(line) ?? RPM_HEADER.exec(line);
    if (header) {
      [isInside, version] = [true, header[1]];
      items.push({ version, lines: [] });
      continue;
    }
    if (!isInside) continue;
    const item = ITEM.exec(line);
    if (item) items.push({ version, lines: [item[2]!] });
    else if (line.trim() === '' || line.startsWith(' -- ')) items.push({ version, lines: [] });
    else items.at(-1)!.lines.push(line.trim());
  }
  if (!isInside) {
    throw new ScannerError('kernel.malformed', 'the changelog has no entry: give one of Debian or of an rpm package');
  }
  const named = new Map<string, string[]>();
  for (const { lines } of items) {
    const text = lines.join(' ');
    const cves = text.match(CVE);
    if (cves) named.set(subjectOf(text), [...(named.get(subjectOf(text)) ?? []), ...cves]);
  }
  return items.flatMap(({ version, lines }) => {
    const text = lines.join(' ');
    // What is taken back is often named by its subject alone.
    const [, subject] = /^Revert "(.*)"/.exec(subjectOf(text)) ?? [];
    const cves = [...new Set([...(text.match(CVE) ?? []), ...((subject !== undefined && named.get(subject)) || [])])];
    return cves.length === 0 ? [] : [{ ...(version !== undefined && { version }), text: lines[0]!, cves }];
  });
}

/** Without the architectures before it and the CVEs behind it: `[amd64] net: fix a hole (CVE-2024-1000)`. */
const subjectOf = (text: string): string => text.replace(/^\[[^\]]*\]\s*/, '').replace(/\s*\(CVE-[^)]*\)\s*$/, '');

/**
 * Whether an entry is part of a kernel: of its own version or an older one. With a package's version (`6.1.176-1`) both are compared
 * as packages are; else by upstream's part. An entry without a version is part of the package that the changelog came with.
 */
export function isPartOf({ version }: ChangelogItem, release: string | undefined): boolean {
  if (version === undefined || release === undefined) return true;
  const [entry, kernel] = [parseKernelVersion(version), parseKernelVersion(release)];
  if (!entry || !kernel) return false;
  const order = compareUpstream(entry, kernel);
  if (order !== 0 || kernel.suffix === '' || kernel.isNominal) return order <= 0;
  return comparePackages(version, release) <= 0;
}

/** A nominal number (`6.1.0-28-amd64`) says the branch alone. */
function compareUpstream(entry: KernelVersion, kernel: KernelVersion): number {
  return kernel.isNominal && entry.branch === kernel.branch ? 0 : compareKernelVersions(entry, kernel);
}

/** An order that cannot be told counts as later: then the entry proves nothing. */
function comparePackages(entry: string, release: string): number {
  try {
    return dpkg.compare(dpkg.parse(entry), dpkg.parse(release));
  } catch (cause) {
    if (cause instanceof ScannerError) return 1;
    throw cause;
  }
}
