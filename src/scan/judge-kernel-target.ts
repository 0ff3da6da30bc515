import { openSnapshot } from '../advisories/open-snapshot.ts';
import { type ExamineOptions, examineKernel, type KernelMaterial } from '../kernel/examine-kernel.ts';
import { judgeKernel } from '../kernel/judge-kernel.ts';
import { upstreamVersion } from '../kernel/kernel-version.ts';
import { ScannerError } from '../model/errors.ts';
import type { KernelFunnel, KernelVerdict, StageReport } from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import type { SnapshotIdentity } from '../model/snapshot.ts';
import { kernelVulnerabilities } from './kernel-vulnerabilities.ts';

/** How a kernel is judged. */
export interface JudgeKernelOptions extends ExamineOptions {
  readonly databaseDirectory: string;
  /** Only these CVEs; all of the kernel's CVE team when absent. */
  readonly cves?: readonly string[];
}

/** The verdicts on a kernel, and what they were given by. */
export interface JudgedKernelTarget {
  readonly snapshot: SnapshotIdentity;
  readonly kernel: { readonly release?: string; readonly version?: string; readonly arch?: string };
  readonly funnel: KernelFunnel;
  readonly stages: readonly StageReport[];
  /** Sorted by year and number. */
  readonly verdicts: readonly KernelVerdict[];
}

/**
 * Which known vulnerabilities a kernel has, each with its evidence.
 *
 * @throws ScannerError `kernel.unknown-cve`: one is asked for that the database does not know as the kernel's, or that was taken back;
 *   `kernel.no-facts`: the database holds nothing of kernels; what `examineKernel` and `openSnapshot` throw.
 */
export async function judgeKernelTarget(
  material: KernelMaterial,
  { databaseDirectory, cves, ...options }: JudgeKernelOptions,
): Promise<JudgedKernelTarget> {
  using snapshot = openSnapshot(databaseDirectory);
  options.progress?.('reading what is known of kernels');
  const known = kernelVulnerabilities(snapshot);
  const wanted = cves ? cves.map((id) => findCve(known, id)) : ofCveTeam(known);
  const { release, version, arch, judges, stages } = await examineKernel(
    material,
    { vulnerabilities: [...known.values()], backports: snapshot.kernelBackports() },
    options,
  );
  options.progress?.(`judging ${wanted.length} vulnerabilities`);
  const { verdicts, funnel } = judgeKernel(wanted, { ...(version && { version }), judges });
  return {
    snapshot: { id: snapshot.id, sources: snapshot.sources },
    kernel: {
      ...(release !== undefined && { release }),
      ...(version && { version: upstreamVersion(version) }),
      ...(arch !== undefined && { arch }),
    },
    funnel,
    stages,
    verdicts,
  };
}

function ofCveTeam(known: ReadonlyMap<string, KernelVulnerability>): readonly KernelVulnerability[] {
  const all = [...known.values()].filter(({ source }) => source === 'linux_cna');
  if (all.length === 0) {
    const message = 'the database holds nothing of kernels: run cvescan datasources-update linux_cna';
    throw new ScannerError('kernel.no-facts', message);
  }
  const keys = new Map(all.map(({ id }) => [id, orderOf(id)]));
  return all.sort((a, b) => keys.get(a.id)! - keys.get(b.id)!);
}

/** By year and number: `CVE-2024-9999` before `CVE-2024-10000`. */
function orderOf(id: string): number {
  const [, year, number] = id.split('-');
  return Number(year) * 1e9 + Number(number);
}

function findCve(known: ReadonlyMap<string, KernelVulnerability>, id: string): KernelVulnerability {
  const found = known.get(id);
  if (found && !found.isRejected) return found;
  const why = found ? "was taken back by the kernel's CVE team" : 'is not known as a vulnerability of the kernel';
  throw new ScannerError('kernel.unknown-cve', `${id} ${why}`, { cve: id });
}
