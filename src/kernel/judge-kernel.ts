import {
  KERNEL_STAGES,
  type KernelFunnel,
  type KernelStage,
  type KernelVerdict,
  type StageVerdict,
} from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import { availableFix } from './available-fix.ts';
import { heldReleases, judgeByVersion } from './judge-by-version.ts';
import type { KernelVersion } from './kernel-version.ts';
import { matchesAnyRange } from './match-any-range.ts';

/** One stage, made for one kernel. */
export interface KernelJudge {
  readonly stage: Exclude<KernelStage, 'version'>;
  /** @returns undefined where the stage has nothing to say of it. */
  judge(vulnerability: KernelVulnerability): StageVerdict | undefined;
}

/** Stages that say whether the flaw or its fix is in the sources, the one that wins first. */
const PRESENCE: readonly KernelStage[] = ['statement', 'changelog', 'commits', 'code', 'version', 'text'];

/** A kernel, as its stages see it. */
export interface JudgedKernel {
  /** Absent: then the version decides nothing. */
  readonly version?: KernelVersion;
  /** At most one a stage, in any order. */
  readonly judges: readonly KernelJudge[];
}

/** What became of one vulnerability, step by step. */
interface Course {
  readonly verdict: KernelVerdict;
  readonly isOpenByVersion: boolean;
  readonly isOpenByCommits: boolean;
}

/** Judges one vulnerability after the other. */
export type JudgeVulnerability = (vulnerability: KernelVulnerability) => KernelVerdict;

/**
 * Puts the stages together. Where they disagree, what the vendor states (its changelog too: patches of a package are in no history)
 * wins over commits, commits over the version, the version over
 * the text; the configuration is asked of what is open then. A stage that cannot tell leaves the question open, and nothing that is
 * missing is taken for an answer.
 */
export function createKernelJudge(kernel: JudgedKernel): JudgeVulnerability {
  const follow = createFollower(kernel);
  return (vulnerability) => follow(vulnerability).verdict;
}

/** Judges many vulnerabilities, and counts what is left after each step; those that were taken back are left out. */
export function judgeKernel(
  vulnerabilities: Iterable<KernelVulnerability>,
  kernel: JudgedKernel,
): { readonly verdicts: readonly KernelVerdict[]; readonly funnel: KernelFunnel } {
  const follow = createFollower(kernel);
  const verdicts: KernelVerdict[] = [];
  const funnel = { all: 0, productMatch: 0, branchAware: 0, afterCommits: 0, afterConfig: 0 };
  const matches = kernel.version ? matchesAnyRange(kernel.version) : () => true;
  for (const vulnerability of vulnerabilities) {
    if (vulnerability.isRejected) continue;
    const { verdict, isOpenByVersion, isOpenByCommits } = follow(vulnerability);
    verdicts.push(verdict);
    funnel.all += 1;
    funnel.productMatch += Number(matches(vulnerability));
    funnel.branchAware += Number(isOpenByVersion);
    funnel.afterCommits += Number(isOpenByCommits);
    funnel.afterConfig += Number(isOpen(verdict.status));
  }
  return { verdicts, funnel };
}

function createFollower({ version, judges }: JudgedKernel): (vulnerability: KernelVulnerability) => Course {
  const byStage = new Map(judges.map((one) => [one.stage, one]));
  const isHeld = version && heldReleases(version);
  const ask = (stage: KernelStage, vulnerability: KernelVulnerability): StageVerdict | undefined =>
    stage === 'version'
      ? version && judgeByVersion(vulnerability, version, isHeld)
      : byStage.get(stage)?.judge(vulnerability);
  return (vulnerability) => {
    const said = new Map<KernelStage, StageVerdict>();
    const hear = (stage: KernelStage): StageVerdict | undefined => {
      const verdict = ask(stage, vulnerability);
      // One read of a history answers for two stages.
      if (verdict) said.set(verdict.stage, verdict);
      return verdict;
    };
    const byVersion = hear('version');
    for (const stage of ['statement', 'changelog', 'commits'] as const) hear(stage);
    const present = decisive(said);
    const isOpenByCommits = isOpen(present?.verdict);
    const byConfig = isOpenByCommits ? hear('config') : undefined;
    // The dearest stage comes last, of what is left.
    if (isOpenByCommits && byConfig?.verdict === undefined) hear('text');
    const decided = byConfig?.verdict === undefined ? decisive(said) : byConfig;
    return {
      verdict: verdictOf(vulnerability, { decided, said, version }),
      isOpenByVersion: isOpen(byVersion?.verdict),
      isOpenByCommits,
    };
  };
}

/** Whether a vulnerability is left after a step. */
export const isOpen = (status: KernelVerdict['status'] | undefined): boolean =>
  status === undefined || status === 'affected' || status === 'under_investigation';

/** The verdict of the stage that wins. */
function decisive(said: ReadonlyMap<KernelStage, StageVerdict>): StageVerdict | undefined {
  for (const stage of PRESENCE) {
    const verdict = said.get(stage);
    if (verdict?.verdict !== undefined) return verdict;
  }
  return undefined;
}

interface Hearing {
  readonly decided: StageVerdict | undefined;
  readonly said: ReadonlyMap<KernelStage, StageVerdict>;
  readonly version: KernelVersion | undefined;
}

function verdictOf(vulnerability: KernelVulnerability, { decided, said, version }: Hearing): KernelVerdict {
  const status = decided?.verdict ?? 'under_investigation';
  const available = isOpen(status) ? availableFix(vulnerability, version) : undefined;
  return {
    id: vulnerability.id,
    title: vulnerability.title,
    status,
    ...(decided?.justification && { justification: decided.justification }),
    ...(decided?.verdict !== undefined && { decidedBy: decided.stage }),
    evidence: KERNEL_STAGES.flatMap((stage) => said.get(stage) ?? []),
    ...(available && { available }),
  };
}
