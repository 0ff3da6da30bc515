import type { StageVerdict } from '../model/kernel-verdict.ts';
import type { KernelVulnerability } from '../model/kernel-vulnerability.ts';
import type { ExaminedBuild } from './examine-build.ts';
import { guardOf, isNamed } from './kbuild/object-rules.ts';
import { possiblePlaces } from './moved-files.ts';

/** How strict the stage is. */
export interface ConfigJudgement {
  /** `6.1`: the paths of that branch's own fix are preferred, where they are known. */
  readonly branch: string;
  /** Headers that cannot be examined keep a flaw open. */
  readonly strictHeaders?: boolean;
}

const SOURCE = /\.(c|S|rs)$/;
const HEADER = /\.h$/;
/** What goes along with a change of code and is no code itself. */
const BESIDE = /(^|\/)(Kconfig|Makefile|Kbuild|MAINTAINERS)([.-][^/]*)?$|\.(rst|txt|yaml|json|dtsi?)$|_defconfig$/;
const NOT_IMAGE = /^(tools|samples|scripts|Documentation)\//;

/**
 * Judges by what is compiled: a flaw whose source files all lie uncompiled in the tree does not concern this kernel.
 *
 * A path that the tree lacks proves nothing, for files move. Without the sources' contents a `.c` that no Makefile names stays open,
 * since others may `#include` it, and headers are reported as not examined.
 */
export function judgeByConfig(
  vulnerability: KernelVulnerability,
  build: ExaminedBuild,
  { branch, strictHeaders = false }: ConfigJudgement,
): StageVerdict {
  const all = vulnerability.stableFiles?.[branch] ?? vulnerability.files;
  const compiled = all.filter((path) => build.sources.has(path));
  if (compiled.length > 0) return open('its code is compiled', { compiled });
  const strange = all.filter((path) => ![SOURCE, HEADER, BESIDE, NOT_IMAGE].some((kind) => kind.test(path)));
  if (strange.length > 0) return open('it touches files of an unknown kind', { files: strange });
  const code = all.filter((path) => SOURCE.test(path) || HEADER.test(path));
  const used = code.filter((path) => build.headers?.has(path));
  if (used.length > 0) return open('compiled files include its headers', { headers: used });
  const elsewhere = code.filter((path) => NOT_IMAGE.test(path) || isOfOtherArchitecture(path, build));
  const own = code.filter((path) => !elsewhere.includes(path));
  const outside = all.filter((path) => NOT_IMAGE.test(path));
  if (own.length === 0 && elsewhere.length + outside.length > 0) return notInImage([...elsewhere, ...outside], all);
  return judgeOwn(own, build, strictHeaders);
}

/** Code that could be compiled for this architecture. */
function judgeOwn(own: readonly string[], build: ExaminedBuild, strictHeaders: boolean): StageVerdict {
  const sources = own.filter((path) => SOURCE.test(path));
  const headers = own.filter((path) => HEADER.test(path));
  const unlisted = sources.filter(
    (path) => !build.endings.some((ending) => path.endsWith(ending)) && !isWithoutRust(path, build),
  );
  if (unlisted.length > 0) return open(`the ${build.origin} lists no files of this kind`, { unlisted });
  const areExamined = build.headers !== undefined;
  const missing = (areExamined ? own : sources).filter((path) => !build.tree.has(path));
  if (missing.length > 0) {
    const places = missing.flatMap((path) => possiblePlaces(path, build.tree));
    const evidence = { missing, ...(places.length > 0 && { places: [...new Set(places)].sort() }) };
    return open('the tree has its files under no such path; they may have moved', evidence);
  }
  const unnamed = areExamined ? [] : sources.filter((path) => !isSettled(path, build));
  if (unnamed.length > 0)
    return open('no Makefile names its files, or not they alone; others may include them', { unnamed });
  if (sources.length === 0 && (headers.length === 0 || !areExamined)) {
    return open(headers.length === 0 ? 'no source file of it is known' : 'headers alone were changed', { headers });
  }
  if (headers.length > 0 && !areExamined && strictHeaders) return open('its headers are not examined', { headers });
  const unexamined = areExamined ? [] : headers;
  return {
    stage: 'config',
    verdict: 'not_affected',
    justification: 'requires_configuration',
    confidence: 'exact',
    evidence: { ...guards(sources, build), ...(unexamined.length > 0 && { headersNotExamined: unexamined }) },
    reason:
      sources.length === 0
        ? 'no compiled file includes its headers'
        : `this configuration compiles none of its source files${unexamined.length > 0 ? '; its headers are not examined' : ''}`,
  };
}

/**
 * Sources that a Makefile names and that others include as well, in Linux 5.10 to 6.12; those of `arch/` are compiled anyway.
 * `ens1371.c` is nothing but `#include "ens1370.c"`, and every kernel that unpacks itself has a decompressor.
 */
const INCLUDED_TOO = [
  /^lib\/(?:decompress_\w+|cmdline|ctype|fdt\w*|xxhash|ashldi3|clz_ctz)\.c$/,
  /^lib\/(?:zlib_inflate|zlib_dfltcc|lz4|lzo|xz|zstd|fonts)\//,
  /^fs\/binfmt_elf\.c$/,
  /^drivers\/(?:scsi\/sun3_scsi|s390\/char\/sclp_early_core)\.c$/,
  /^sound\/(?:pci\/ens1370|isa\/gus\/interwave|isa\/msnd\/msnd_pinnacle|isa\/opti9xx\/opti92x-ad1848|isa\/sb\/sb16)\.c$/,
];

/** Whether the Makefiles alone tell that a file is not compiled. */
function isSettled(path: string, build: ExaminedBuild): boolean {
  // Rust files are modules of a crate and named nowhere.
  if (path.endsWith('.rs')) return isWithoutRust(path, build);
  return isNamed(build.rules, path) && !INCLUDED_TOO.some((kind) => kind.test(path));
}

const isWithoutRust = (path: string, { symbols, isComplete }: ExaminedBuild): boolean =>
  path.endsWith('.rs') && isComplete && symbols.RUST !== 'y';

function isOfOtherArchitecture(path: string, { srcArch }: ExaminedBuild): boolean {
  const arch = /^arch\/([^/]+)\//.exec(path)?.[1];
  // User-mode Linux is built of the host's architecture.
  return arch !== undefined && arch !== srcArch && !(srcArch === 'um' && arch === 'x86');
}

function notInImage(files: readonly string[], all: readonly string[]): StageVerdict {
  const isOther = files.some((path) => path.startsWith('arch/'));
  return {
    stage: 'config',
    verdict: 'not_affected',
    justification: 'code_not_present',
    confidence: 'exact',
    evidence: { files: all },
    reason: isOther ? 'it concerns other architectures only' : 'its files are no part of the kernel image',
  };
}

function guards(paths: readonly string[], { rules, symbols }: ExaminedBuild): StageVerdict['evidence'] {
  const isUnset = (symbol: string): boolean => (symbols[symbol] ?? 'n') === 'n';
  const found = paths.map((path) => guardOf(rules, path, isUnset));
  const names = [...new Set(found.flatMap((guard) => guard.symbols))].sort();
  return {
    files: found.map(({ chain }) => chain),
    ...(names.length > 0 && { symbols: names.map((name) => `CONFIG_${name} is not set`) }),
  };
}

const open = (reason: string, evidence: StageVerdict['evidence']): StageVerdict => ({
  stage: 'config',
  evidence,
  reason,
});
