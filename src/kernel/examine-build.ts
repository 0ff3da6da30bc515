import { ScannerError } from '../model/errors.ts';
import { evaluateMakefiles, type KernelBuild } from './kbuild/evaluate.ts';
import { includedFiles } from './kbuild/included-files.ts';
import { Makefiles } from './kbuild/makefiles.ts';
import { type ObjectRules, readObjectRules } from './kbuild/object-rules.ts';
import { parseKernelVersion } from './kernel-version.ts';
import type { Tree } from './tree.ts';

/** What a build compiles, and what is needed to say why something else is not compiled. */
export interface ExaminedBuild extends KernelBuild {
  /** Where it is known from, for people: `Makefiles and configuration`. */
  readonly origin: string;
  /** Compiled source files, with those that only others include as far as contents are at hand. */
  readonly sources: ReadonlySet<string>;
  /** What compiled files include; absent: contents were not at hand, so nothing is known of headers and of inclusion. */
  readonly headers?: ReadonlySet<string>;
  readonly rules: ObjectRules;
  readonly tree: Pick<Tree, 'paths' | 'has'>;
}

/** A configuration, and the release whose banner it bears. */
export interface StatedBuild extends KernelBuild {
  /** `6.1.176`, as the banner of `.config` has it. */
  readonly release?: string;
}

/**
 * Finds out what a configuration compiles of a tree.
 *
 * @throws ScannerError `kernel.implausible`: the architecture is not in the tree, the configuration is one of another release series,
 *   or what every kernel compiles is missing from the answer. `kernel.limit-exceeded`.
 */
export async function examineBuild(tree: Tree, build: StatedBuild): Promise<ExaminedBuild> {
  await refuseForeign(tree, build);
  const makefiles = await Makefiles.read(tree);
  const compiled = evaluateMakefiles(makefiles, tree, build);
  refuseImplausible(compiled, build.srcArch);
  const { sources, headers, isComplete } = await includedFiles(tree, compiled, build);
  return {
    ...build,
    origin: 'Makefiles and configuration',
    sources: new Set(sources),
    ...(isComplete && { headers: new Set(headers) }),
    rules: readObjectRules(makefiles, tree),
    tree,
  };
}

/** A configuration says something of the tree it was made for only: symbols of another series are missing from it. */
async function refuseForeign(tree: Tree, { srcArch, release }: StatedBuild): Promise<void> {
  if (!tree.has(`arch/${srcArch}/Makefile`)) {
    throw implausible(`the tree has no architecture ${srcArch}: give the configuration of this tree, or --arch`);
  }
  const stated = release === undefined ? undefined : parseKernelVersion(release)?.branch;
  const actual = parseKernelVersion((await releaseOf(tree)) ?? '')?.branch;
  if (stated === undefined || actual === undefined || stated === actual) return;
  throw implausible(`the configuration is one of Linux ${stated}, the tree is Linux ${actual}: give that tree's own`);
}

/** `6.1.176-imx` of the top Makefile; undefined where it states none. */
export async function releaseOf(tree: Tree): Promise<string | undefined> {
  const text = (await tree.read('Makefile')) ?? '';
  const [version, patchLevel, subLevel, extra = ''] = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL', 'EXTRAVERSION'].map(
    (name) => new RegExp(`^${name}[ \\t]*:?=[ \\t]*(\\S*)[ \\t]*$`, 'm').exec(text)?.[1],
  );
  if (!version || !patchLevel) return undefined;
  return `${version}.${patchLevel}${subLevel && subLevel !== '0' ? `.${subLevel}` : ''}${extra}`;
}

/** Any of each row is compiled in every kernel. */
const ALWAYS: readonly (readonly string[])[] = [
  ['init/main.c'],
  ['kernel/fork.c'],
  ['mm/memory.c', 'mm/nommu.c'],
  ['lib/bitmap.c'],
];

/** @throws ScannerError `kernel.implausible`. */
export function refuseImplausible(sources: readonly string[], srcArch: string): void {
  const known = new Set(sources);
  const missing = ALWAYS.find((alternatives) => !alternatives.some((path) => known.has(path)));
  if (missing) throw implausible(`${missing.join(' or ')} is in every kernel, and not among the compiled files`);
  if (!sources.some((path) => path.startsWith(`arch/${srcArch}/`))) {
    throw implausible(`no file of arch/${srcArch} is among the compiled files`);
  }
}

export function implausible(reason: string): ScannerError {
  return new ScannerError('kernel.implausible', `what is compiled cannot be told: ${reason}`);
}
