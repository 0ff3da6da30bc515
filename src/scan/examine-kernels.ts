import type { FindKernelVerdict } from '../assessing/assess-findings.ts';
import { sourceArchitecture } from '../kernel/config-file.ts';
import { type ExamineOptions, examineKernel, type KernelMaterial } from '../kernel/examine-kernel.ts';
import type { KernelKnowledge } from '../kernel/history-stage.ts';
import { createKernelJudge, type JudgeVulnerability, judgeKernel } from '../kernel/judge-kernel.ts';
import { type KernelVersion, parseKernelVersion, upstreamVersion } from '../kernel/kernel-version.ts';
import type { KernelVerdict, ReportedKernel } from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import type { Package } from '../model/package.ts';
import type { Problem } from '../model/problem.ts';
import type { KernelPackage } from './kernel-packages.ts';
import { type KernelLines, kernelVulnerabilities } from './kernel-vulnerabilities.ts';

/** How the kernels of a target are examined. */
export interface KernelOptions extends ExamineOptions {
  /** What the user has of the kernel; default nothing. */
  readonly material?: KernelMaterial;
}

/** The kernels of a target, and what is said of their vulnerabilities. */
export interface ExaminedKernels {
  readonly find: FindKernelVerdict;
  readonly kernels: readonly ReportedKernel[];
  readonly problems: readonly Problem[];
}

const NONE: ExaminedKernels = { find: () => undefined, kernels: [], problems: [] };

/**
 * Judges the kernels among the packages. Packages of one kernel (its image, its modules) are judged once.
 *
 * A distribution's own package is judged by its own publisher: its version decides nothing here, and only what the user has of it does.
 *
 * @throws ScannerError what `examineKernel` throws.
 */
export async function examineKernels(
  packages: readonly KernelPackage[],
  lines: KernelLines,
  options: KernelOptions,
): Promise<ExaminedKernels> {
  const hasMaterial = Object.keys(givenMaterial(options)).length > 0;
  const candidates = packages.filter((one) => !one.isOfDistribution || hasMaterial);
  if (candidates.length === 0) return NONE;
  const known = kernelVulnerabilities(lines);
  const knowledge = { vulnerabilities: [...known.values()], backports: [...lines.kernelBackports()] };
  const published = knowledge.vulnerabilities.filter(({ source }) => source === 'linux_cna');
  if (published.length === 0) return { ...NONE, problems: hasMaterial ? [NO_FACTS] : [] };
  const examined: Examined[] = [];
  for (const group of Map.groupBy(candidates, keyOf).values())
    examined.push(await examine(group, { known, knowledge, published, options }));
  const byPackage = new Map(examined.flatMap(({ group, find }) => group.map(({ item }) => [item.id, find] as const)));
  return {
    find: (ids, installed) => byPackage.get(installed.id)?.(ids),
    kernels: examined.map(({ kernel }) => kernel),
    problems: examined.flatMap(({ problems }) => problems),
  };
}

const NO_FACTS: Problem = {
  code: 'kernel.no-facts',
  message: 'kernels were not examined: the database holds nothing of them; run cvescan datasources-update linux_cna',
};

const keyOf = ({ item, release, isOfDistribution }: KernelPackage): string =>
  JSON.stringify([release, isOfDistribution, item.arch, item.kernelConfig]);

interface Examined {
  readonly group: readonly KernelPackage[];
  readonly kernel: ReportedKernel;
  readonly find: (ids: readonly string[]) => KernelVerdict | undefined;
  readonly problems: readonly Problem[];
}

interface Known {
  readonly known: ReadonlyMap<string, KernelVulnerability>;
  readonly knowledge: KernelKnowledge;
  readonly published: readonly KernelVulnerability[];
  readonly options: KernelOptions;
}

async function examine(
  group: readonly KernelPackage[],
  { known, knowledge, published, options }: Known,
): Promise<Examined> {
  const [{ item, release, isOfDistribution }] = group as readonly [KernelPackage, ...KernelPackage[]];
  const { kernel: examined, problems } = await examineOne({ item, release, isOfDistribution }, knowledge, options);
  const { version, judges, stages, arch } = examined;
  const judged = { judges, ...(version && !isOfDistribution && { version }) };
  const { verdicts, funnel } = judgeKernel(published, judged);
  const byId = new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  const others = createKernelJudge(judged);
  return {
    group,
    kernel: {
      packageIds: group.map(({ item: { id } }) => id),
      ...(examined.release !== undefined && { release: examined.release }),
      ...(version && { version: upstreamVersion(version) }),
      ...(arch !== undefined && { arch }),
      ...{ funnel, stages },
    },
    find: (ids) => findVerdict(ids, { byId, known, others }),
    problems,
  };
}

interface Judged {
  readonly byId: ReadonlyMap<string, KernelVerdict>;
  readonly known: ReadonlyMap<string, KernelVulnerability>;
  readonly others: JudgeVulnerability;
}

function findVerdict(ids: readonly string[], { byId, known, others }: Judged): KernelVerdict | undefined {
  for (const id of ids) {
    const verdict = byId.get(id);
    if (verdict) return verdict;
    const vulnerability = known.get(id);
    if (vulnerability && !vulnerability.isRejected) return others(vulnerability);
  }
  return undefined;
}

/** What the user has of this very kernel; a clone of the stable tree is of every kernel. */
function givenMaterial({ material = {} }: KernelOptions): Omit<KernelMaterial, 'upstream'> {
  const { upstream: _, ...given } = material;
  return given;
}

/** What the user has is of this kernel only if both are of one branch; what has no readable version takes it as it is. */
async function examineOne(
  { item, release, isOfDistribution }: KernelPackage,
  known: KernelKnowledge,
  options: KernelOptions,
) {
  const material = givenMaterial(options);
  const upstream = isOfDistribution ? undefined : options.material?.upstream;
  const own = { ...ownMaterial(item, release, material.arch), ...(upstream && { upstream }) };
  if (Object.keys(material).length === 0) return { kernel: await examineKernel(own, known, options), problems: [] };
  const stated = parseKernelVersion(release);
  const { release: _, ...ownRest } = own;
  // A tree says itself which release it is.
  const kernel = await examineKernel({ ...(material.tree ? ownRest : own), ...material }, known, options);
  if (isOfBranch(kernel.version, stated)) return { kernel, problems: unusedConfig(kernel, material) };
  const message = `${item.id}: what is given is of Linux ${kernel.release}, the package of ${release}: it was judged by its own version`;
  return { kernel: await examineKernel(own, known, options), problems: [{ code: 'kernel.other-branch', message }] };
}

const isOfBranch = (given: KernelVersion | undefined, stated: KernelVersion | undefined): boolean =>
  !given || !stated || given.branch === stated.branch;

function ownMaterial({ kernelConfig, compiledSources, arch }: Package, release: string, chosen = arch): KernelMaterial {
  const srcArch = chosen === undefined ? undefined : sourceArchitecture(chosen);
  const config = kernelConfig && srcArch !== undefined && { srcArch, symbols: kernelConfig, isComplete: false };
  return {
    ...(release !== '' && { release }),
    ...(chosen !== undefined && { arch: chosen }),
    ...(config && { config }),
    ...(compiledSources && { record: { origin: 'the inventory', paths: compiledSources, namesHeaders: false } }),
  };
}

function unusedConfig(
  { stages }: { readonly stages: ReportedKernel['stages'] },
  { config, configDoubt, record, tree }: KernelMaterial,
): readonly Problem[] {
  const stage = stages.find((one) => one.stage === 'config');
  if (!stage || stage.isUsed || (configDoubt === undefined && !((config || record) && tree))) return [];
  return [{ code: 'kernel.implausible', message: stage.detail }];
}
