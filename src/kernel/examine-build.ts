import { createHash } from 'node:crypto';
import { ScannerError } from '../model/errors.ts';
import { ALWAYS_COMPILED, alignPaths } from './align-paths.ts';
import type { BuildRecord } from './build-record.ts';
import { evaluateMakefiles, type KernelBuild } from './kbuild/evaluate.ts';
import { includedFiles } from './kbuild/included-files.ts';
import { Makefiles } from './kbuild/makefiles.ts';
import { type ObjectRules, readObjectRules } from './kbuild/object-rules.ts';
import { parseKernelVersion } from './kernel-version.ts';
import { NO_CACHE, type ResultCache } from './result-cache.ts';
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
  /** Endings that the sources above are complete for: old `compile_commands.json` have no assembler. */
  readonly endings: readonly string[];
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
export async function examineBuild(
  tree: Tree,
  build: StatedBuild,
  cache: ResultCache = NO_CACHE,
): Promise<ExaminedBuild> {
  await refuseForeign(tree, build);
  const key = `build 2 ${tree.identity} ${configurationDigest(build)}`;
  const cached = cache.read(key) as Findings | undefined;
  const found = cached ?? (await evaluate(tree, build));
  if (!cached) await cache.write(key, found);
  return examined(tree, build, { ...found, origin: 'Makefiles and configuration', endings: ENDINGS });
}

/**
 * The same by what the build itself wrote down, which wins over what the Makefiles say.
 *
 * @param build without symbols where no configuration is at hand.
 * @throws ScannerError `kernel.implausible`: too few files are listed, those that every kernel compiles are missing, or the paths are
 *   not those of the tree.
 */
export async function examineRecordedBuild(
  tree: Tree,
  build: StatedBuild,
  record: BuildRecord,
  limits: RecordLimits = DEFAULT_RECORD_LIMITS,
): Promise<ExaminedBuild> {
  await refuseForeign(tree, build);
  const listed = alignPaths(record.paths).filter((path) => !GENERATED.test(path));
  const sources = listed.filter((path) => SOURCE.test(path));
  if (sources.length < limits.minSources) {
    throw implausible(
      `${sources.length} listed files are too few for a kernel (minSources ${limits.minSources}); was it built without debug information?`,
    );
  }
  refuseIncomplete(sources, build.srcArch, ALWAYS_COMPILED);
  const known = sources.filter((path) => tree.has(path));
  if (known.length < limits.minKnownShare * sources.length) {
    const missing = sources.find((path) => !tree.has(path));
    throw implausible(`of ${sources.length} listed files the tree has ${known.length}, and not ${missing}`);
  }
  const included = record.namesHeaders ? undefined : await includedFiles(tree, known, build);
  const headers = included ? included.headers : listed.filter((path) => !SOURCE.test(path));
  return examined(tree, build, {
    sources: included?.sources ?? known,
    ...((included?.isComplete ?? true) && { headers }),
    rules: readObjectRules(await Makefiles.read(tree), tree),
    origin: record.origin,
    endings: ENDINGS.filter((ending) => sources.some((path) => path.endsWith(ending))),
  });
}

/** What a list of compiled files must have. */
export interface RecordLimits {
  /** A kernel as small as can be compiles some 450 source files, one that is used 1,000 and more. */
  readonly minSources: number;
  /** Of the listed files, the share that the tree has too: some are made while building. */
  readonly minKnownShare: number;
}

export const DEFAULT_RECORD_LIMITS: RecordLimits = { minSources: 800, minKnownShare: 0.9 };

const ENDINGS: readonly string[] = ['.c', '.S', '.rs'];
const SOURCE = /\.(c|S|rs)$/;
/** Made while building, and in no tree. */
const GENERATED = /\.(mod|asn1|dtb)\.[cS]$/;

/** Plain data, fit for a cache. */
interface Findings {
  readonly sources: readonly string[];
  readonly headers?: readonly string[];
  readonly rules: ObjectRules;
}

async function evaluate(tree: Tree, build: StatedBuild): Promise<Findings> {
  const makefiles = await Makefiles.read(tree);
  const compiled = evaluateMakefiles(makefiles, tree, build);
  refuseIncomplete(compiled, build.srcArch, [...ALWAYS_COMPILED, ['lib/bitmap.c']]);
  const { sources, headers, isComplete } = await includedFiles(tree, compiled, build);
  return { sources, ...(isComplete && { headers }), rules: readObjectRules(makefiles, tree) };
}

function examined(
  tree: Tree,
  build: StatedBuild,
  { sources, headers, ...found }: Findings & Pick<ExaminedBuild, 'origin' | 'endings'>,
): ExaminedBuild {
  return { ...build, ...found, sources: new Set(sources), ...(headers && { headers: new Set(headers) }), tree };
}

function configurationDigest({ srcArch, symbols, isComplete }: StatedBuild): string {
  const lines = Object.keys(symbols)
    .sort()
    .map((name) => `${name}=${symbols[name]}`);
  return createHash('sha256')
    .update([srcArch, isComplete, ...lines].join('\n'))
    .digest('hex');
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

/** @param rows of each, one file must be there. @throws ScannerError `kernel.implausible`. */
function refuseIncomplete(sources: readonly string[], srcArch: string, rows: typeof ALWAYS_COMPILED): void {
  const known = new Set(sources);
  const missing = rows.find((alternatives) => !alternatives.some((path) => known.has(path)));
  if (missing) throw implausible(`${missing.join(' or ')} is in every kernel, and not among the compiled files`);
  if (!sources.some((path) => path.startsWith(`arch/${srcArch}/`))) {
    throw implausible(`no file of arch/${srcArch} is among the compiled files`);
  }
}

function implausible(reason: string): ScannerError {
  return new ScannerError('kernel.implausible', `what is compiled cannot be told: ${reason}`);
}
