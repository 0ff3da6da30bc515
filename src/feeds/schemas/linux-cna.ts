import type { CpeConfiguration } from '../../model/cpe-configuration.ts';
import type { KernelCommit, KernelGroup } from '../../model/kernel-vulnerability.ts';
import type { Cvss, Reference } from '../../model/vulnerability.ts';
import { asFields, asList, asNumber, asText, asTexts } from '../../platform/json-values.ts';
import { readCpeConfigurations } from './nvd.ts';

/** A CVE record of the kernel's CVE team: what we use of its container `cna`. */
export interface LinuxCnaRecord {
  readonly title: string;
  readonly description: string | undefined;
  readonly cvss: readonly Cvss[];
  /** Without the links to its commits, which the groups name. */
  readonly references: readonly Reference[];
  /** Source files that the fix touches, sorted. */
  readonly files: readonly string[];
  readonly configurations: readonly CpeConfiguration[];
}

/**
 * Reads a CVE record.
 *
 * @returns undefined where it is of another id, or has no container of its CNA.
 * Source: https://github.com/CVEProject/cve-schema, version 5
 */
export function readLinuxCnaRecord(record: unknown, id: string): LinuxCnaRecord | undefined {
  const { containers, cveMetadata } = asFields(record);
  const cna = asFields(asFields(containers).cna);
  const { cveId, cveID } = asFields(cveMetadata);
  // Records of before 2024 write the name of the field in another way.
  if ((asText(cveId) ?? asText(cveID)) !== id || Object.keys(cna).length === 0) return undefined;
  const files = new Set(asList(cna.affected).flatMap((affected) => asTexts(asFields(affected).programFiles)));
  return {
    title: asText(cna.title) ?? '',
    description: asText(asFields(asList(cna.descriptions)[0]).value),
    cvss: asList(cna.metrics).flatMap(readScores),
    references: asList(cna.references).flatMap(readReference),
    files: [...files].sort(),
    configurations: readCpeConfigurations(cna.cpeApplicability),
  };
}

const SCORES = ['cvssV4_0', 'cvssV3_1', 'cvssV3_0'] as const;

function readScores(metric: unknown): readonly Cvss[] {
  return SCORES.flatMap((field): Cvss[] => {
    const { version, vectorString, baseScore } = asFields(asFields(metric)[field]);
    const vector = asText(vectorString);
    if (!vector) return [];
    const score = asNumber(baseScore);
    return [
      {
        version: asText(version) ?? field.slice('cvssV'.length).replace('_', '.'),
        vector,
        ...(score !== undefined && { score }),
        source: 'linux_cna',
      },
    ];
  });
}

function readReference(reference: unknown): readonly Reference[] {
  const url = asText(asFields(reference).url);
  return url === undefined || url.startsWith('https://git.kernel.org/stable/c/') ? [] : [{ url }];
}

/**
 * Reads a `.dyad` file: lines `<version>:<break>:<version>:<fix>`, a line a branch; `0` for the version or the commit that nobody
 * knows, or that does not exist yet. Lines with the same break are one group.
 *
 * @returns undefined where a line is none: to leave it out could hide a hole.
 * Source: scripts/dyad of https://git.kernel.org/pub/scm/linux/security/vulns.git
 */
export function readDyad(text: string): readonly KernelGroup[] | undefined {
  const groups = new Map<string, { break: KernelCommit | undefined; fixes: KernelCommit[] }>();
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, breakVersion, breakCommit, fixVersion, fixCommit] = DYAD_LINE.exec(line) ?? [];
    if (breakVersion === undefined || breakCommit === undefined) return undefined;
    const broken = commitOf(breakVersion, breakCommit);
    const group = groups.get(breakCommit) ?? { break: broken, fixes: [] };
    groups.set(breakCommit, group);
    const fix = commitOf(fixVersion!, fixCommit!);
    if (fix) group.fixes.push(fix);
  }
  return [...groups.values()].map((group) =>
    group.break ? { break: group.break, fixes: group.fixes } : { fixes: group.fixes },
  );
}

const DYAD_LINE = /^(\d[\w.-]*):(0|[0-9a-f]{7,40}):(\d[\w.-]*):(0|[0-9a-f]{7,40})\s*$/;

function commitOf(version: string, commit: string): KernelCommit | undefined {
  if (commit === '0') return undefined;
  return version === '0' ? { commit } : { version, commit };
}

/** Reads a `.sha1` file: ids of mainline commits, one a line. */
export function readCommitIds(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => /^[0-9a-f]{40}$/.test(word));
}
