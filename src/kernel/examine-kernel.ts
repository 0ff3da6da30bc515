import { ScannerError } from '../model/errors.ts';
import type { KernelStage, StageReport } from '../model/kernel-verdict.ts';
import type { GitOptions } from '../platform/git.ts';
import type { BuildRecord } from './build-record.ts';
import { readChangelog } from './changelog.ts';
import { isKnownArchitecture, sourceArchitecture } from './config-file.ts';
import { examineBuild, examineRecordedBuild, releaseOf, type StatedBuild } from './examine-build.ts';
import { findTag, type HistoryOptions, historyStage, type KernelKnowledge, repositoryOf } from './history-stage.ts';
import { architectureJudge } from './judge-by-architecture.ts';
import { changelogJudge } from './judge-by-changelog.ts';
import { judgeByConfig } from './judge-by-config.ts';
import { createKernelJudge, isOpen, type JudgedKernel, type KernelJudge } from './judge-kernel.ts';
import { type KernelVersion, parseKernelVersion, upstreamVersion } from './kernel-version.ts';
import type { ResultCache } from './result-cache.ts';
import { judgeByText } from './text/text-stage.ts';
import { openTree, type Tree, type TreeLocation } from './tree.ts';

/** What is at hand of a kernel; the more there is, the more stages are at work. */
export interface KernelMaterial {
  readonly tree?: TreeLocation & { readonly git: GitOptions };
  /** As its package or its owner states it: `6.1.176-1`, `5.10.72-imx`; that of the tree when absent. */
  readonly release?: string;
  /** As make takes it; that of the configuration when absent. */
  readonly arch?: string;
  readonly config?: StatedBuild;
  /** Why the configuration that is given cannot be this kernel's: then that stage says nothing else. */
  readonly configDoubt?: string;
  /** What the build wrote down of the files that it compiled; it wins over what Makefiles say. */
  readonly record?: BuildRecord;
  /** Text of the package's changelog. */
  readonly changelog?: string;
  /** Headers that cannot be examined keep a flaw open. */
  readonly strictHeaders?: boolean;
  /** A clone of the stable tree: its tag stands for a release without a repository of its own. */
  readonly upstream?: { readonly directory: string; readonly git: GitOptions };
}

/** A kernel with all that its material says of it. */
export interface ExaminedKernel extends JudgedKernel {
  readonly release?: string;
  /** Folder below `arch/`. */
  readonly arch?: string;
  readonly stages: readonly StageReport[];
}

/** How a kernel is examined. */
export interface ExamineOptions {
  /** Keeps what was read of a history. */
  readonly cache?: ResultCache;
  /** Told what is being done: `reading the Makefiles`. */
  readonly progress?: (doing: string) => void;
}

/**
 * Makes the stages that the material allows. A stage whose material contradicts itself gives no verdict, and says why.
 *
 * @throws ScannerError `kernel.not-found`: there is no tree where it is said to be; `kernel.malformed`: a changelog that is none.
 */
export async function examineKernel(
  material: KernelMaterial,
  known: KernelKnowledge,
  { cache, progress = () => {} }: ExamineOptions = {},
): Promise<ExaminedKernel> {
  if (material.tree) progress('reading the tree');
  using tree = material.tree && (await openTree(material.tree, material.tree.git));
  const release = material.release ?? (tree && (await releaseOf(tree))) ?? material.config?.release;
  const version = release === undefined ? undefined : parseKernelVersion(release);
  const arch = material.arch ?? material.config?.srcArch;
  if (material.config) progress('evaluating the configuration');
  const stages = [
    versionStage(release, version),
    await commitsStage({ material, tree, version }, { version, known, cache, progress }),
    changelogStage(material.changelog, release),
    await configStage({ material, tree, version, arch: arch && sourceArchitecture(arch) }, cache),
  ];
  const judges = stages.flatMap(({ judge }) => judge ?? []);
  const text = await textStage({ material, tree, version }, judges, { version, known, cache, progress });
  return {
    ...(release !== undefined && { release }),
    ...(version && { version }),
    ...(arch !== undefined && { arch: sourceArchitecture(arch) }),
    judges: [...judges, ...(text.judge ? [text.judge] : [])],
    stages: [...stages.map(({ report }) => report), text.report],
  };
}

/** The dearest stage: of what all others leave open, where the sources are at hand and a repository has the diffs. */
async function textStage(
  { material, tree, version }: Omit<ConfigMaterial, 'arch'>,
  judges: readonly KernelJudge[],
  { known, progress }: HistoryOptions,
): Promise<Stage> {
  const source = material.upstream ?? material.tree;
  const directory = source && repositoryOf(source.directory);
  if (!tree || !source || directory === undefined) {
    return unused('text', 'needs the sources, and a repository with the diffs of fixes (--linux-dir)');
  }
  const judge = createKernelJudge({ ...(version && { version }), judges });
  const open = [...known.vulnerabilities].filter((one) => !one.isRejected && isOpen(judge(one).status));
  progress(`looking for the text of ${open.length} fixes`);
  try {
    const said = await judgeByText({ directory, git: source.git, tree, vulnerabilities: open });
    return {
      report: { stage: 'text', isUsed: true, detail: `of ${open.length} open vulnerabilities` },
      judge: { stage: 'text', judge: ({ id }) => said.get(id) },
    };
  } catch (cause) {
    if (!(cause instanceof ScannerError) || cause.code !== 'feed.unreachable') throw cause;
    return unused('text', `the diffs of fixes cannot be read: ${cause.message}`);
  }
}

interface Stage {
  readonly report: StageReport;
  readonly judge?: KernelJudge;
}

const unused = (stage: KernelStage, detail: string): Stage => ({ report: { stage, isUsed: false, detail } });

function versionStage(release: string | undefined, version: KernelVersion | undefined): Stage {
  if (release === undefined) return unused('version', 'no version is known: give --release');
  if (!version) return unused('version', `${JSON.stringify(release)} is no version of a kernel`);
  const upstream = upstreamVersion(version);
  const detail = version.isNominal
    ? `${release} tells the branch ${version.branch} alone: its last number is the distribution's`
    : release.replace(/^v/, '') === upstream
      ? upstream
      : `tag approximated: ${release} is taken for ${upstream}`;
  return { report: { stage: 'version', isUsed: true, detail } };
}

function changelogStage(changelog: string | undefined, release: string | undefined): Stage {
  if (changelog === undefined) return unused('changelog', 'no changelog is given (--changelog)');
  const items = readChangelog(changelog);
  const count = new Set(items.flatMap(({ cves }) => cves)).size;
  return {
    report: { stage: 'changelog', isUsed: true, detail: `${count} CVEs are named in it` },
    judge: changelogJudge(items, release),
  };
}

/** The history of the tree itself, else that of the release's tag. */
async function commitsStage(
  { material, tree, version }: Omit<ConfigMaterial, 'arch'>,
  options: HistoryOptions,
): Promise<Stage> {
  const own = material.tree && repositoryOf(material.tree.directory);
  if (own && material.tree && tree) {
    const { revision = 'HEAD', git } = material.tree;
    return historyStage({ directory: own, revision, git, fileCount: tree.paths.length }, options);
  }
  if (!material.upstream)
    return unused('commits', 'no history is at hand: give a repository, or a clone of the stable tree (--linux-dir)');
  if (!version) return unused('commits', 'no version is known, so no tag of the stable tree');
  const { git } = material.upstream;
  const directory = repositoryOf(material.upstream.directory) ?? material.upstream.directory;
  const tag = await findTag({ directory, git }, version);
  if (tag === undefined) return unused('commits', `the stable tree has no tag of ${upstreamVersion(version)}`);
  return historyStage({ directory, revision: tag, git, fileCount: MIN_TREE_FILES }, options);
}

/** No release of Linux has fewer files. */
const MIN_TREE_FILES = 15_000;

interface ConfigMaterial {
  readonly material: KernelMaterial;
  readonly tree: Tree | undefined;
  readonly version: KernelVersion | undefined;
  readonly arch: string | undefined;
}

async function configStage(
  { material, tree, version, arch }: ConfigMaterial,
  cache: ResultCache | undefined,
): Promise<Stage> {
  const { config, configDoubt, record, strictHeaders = false } = material;
  if (configDoubt !== undefined) return unused('config', configDoubt);
  if (tree && arch !== undefined && (config || record)) {
    const series = parseKernelVersion((await releaseOf(tree)) ?? '')?.branch;
    if (version && series !== undefined && series !== version.branch) {
      return unused('config', `the tree is Linux ${series}, the kernel ${version.branch}: give the kernel's own tree`);
    }
    try {
      const build = config ?? { srcArch: arch, symbols: {}, isComplete: false };
      const examined = record
        ? await examineRecordedBuild(tree, build, record)
        : await examineBuild(tree, build, cache);
      const judgement = { branch: version?.branch ?? '', strictHeaders };
      const headers = examined.headers ? 'headers examined' : 'headers not examined: only Makefiles are at hand';
      const detail = `${examined.origin}: ${examined.sources.size} source files are compiled; ${headers}`;
      return {
        report: { stage: 'config', isUsed: true, detail },
        judge: { stage: 'config', judge: (vulnerability) => judgeByConfig(vulnerability, examined, judgement) },
      };
    } catch (cause) {
      if (!(cause instanceof ScannerError) || cause.code !== 'kernel.implausible') throw cause;
      return unused('config', cause.message);
    }
  }
  if (arch === undefined) return unused('config', 'no configuration is given (--kernel-config), and no --arch');
  if (!isKnownArchitecture(arch)) {
    return unused(
      'config',
      `${JSON.stringify(arch)} is no architecture of Linux: give --arch as make takes it (arm64, x86_64)`,
    );
  }
  const missing =
    config || record
      ? "the kernel's Makefiles are not at hand: give its tree"
      : 'no configuration is given (--kernel-config)';
  return {
    report: { stage: 'config', isUsed: true, detail: `by the architecture ${arch} alone; ${missing}` },
    judge: architectureJudge(arch),
  };
}
