import { ScannerError } from '../model/errors.ts';
import type { StatedBuild } from './examine-build.ts';

/** Words of make, of `uname -m` and of distributions whose folder below `arch/` has another name. */
const SOURCE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'x86',
  i386: 'x86',
  sparc64: 'sparc',
  i486: 'x86',
  i586: 'x86',
  i686: 'x86',
  amd64: 'x86',
  aarch64: 'arm64',
  armhf: 'arm',
  armel: 'arm',
  armv6l: 'arm',
  armv7l: 'arm',
  mipsel: 'mips',
  mips64: 'mips',
  mips64el: 'mips',
  ppc: 'powerpc',
  ppc64: 'powerpc',
  ppc64le: 'powerpc',
  ppc64el: 'powerpc',
  parisc64: 'parisc',
  riscv32: 'riscv',
  riscv64: 'riscv',
  s390x: 's390',
  sh64: 'sh',
  sparc32: 'sparc',
  loongarch64: 'loongarch',
};

/** The folder below `arch/` of a word for an architecture: `arm64` of `aarch64`. */
export const sourceArchitecture = (word: string): string => SOURCE_ARCHITECTURES[word] ?? word;

/** Folders below `arch/` of Linux 2.6.12 to 7.0. */
const KNOWN_ARCHITECTURES: ReadonlySet<string> = new Set(
  (
    'alpha arc arm arm64 arm26 avr32 blackfin c6x cris csky frv h8300 hexagon i386 ia64 loongarch m32r m68k m68knommu metag ' +
    'microblaze mips mn10300 nds32 nios2 openrisc parisc powerpc ppc ppc64 riscv s390 score sh sh64 sparc sparc64 tile um ' +
    'unicore32 v850 x86 x86_64 xtensa'
  ).split(' '),
);

/** Of another one nothing can be said: each file below `arch/` would be of another architecture than a mistyped one. */
export const isKnownArchitecture = (srcArch: string): boolean => KNOWN_ARCHITECTURES.has(srcArch);

/** What every complete configuration sets, whatever the architecture. */
const ALWAYS_SET = 'CONFIG_INIT_ENV_ARG_LIMIT=';

/**
 * Whether a configuration is there to its end: a copy that broke off is a list of what comes first. Since Linux 5.3 every menu has a
 * comment behind it; before, the last menu was one of these two, by the architecture.
 * Source: Kconfig, arch/x86/Kconfig and scripts/kconfig/confdata.c of Linux 4.19 to 6.12.
 */
function isWhole(text: string): boolean {
  const last = /^# end of /m.test(text) ? ['end of Kernel hacking'] : ['Kernel hacking', 'Library routines'];
  return last.every((heading) => new RegExp(`^# ${heading}\\r?$`, 'm').test(text));
}

/**
 * Reads a `.config` as the kernel writes it. It is complete when it has the kernel's banner, symbols that are not set, and a symbol
 * that no kernel lacks, and its last menu; a defconfig, a fragment or what broke off is partial: what it does not name is unknown.
 *
 * @param arch as make takes it (`arm64`, `x86_64`); from the banner when absent.
 * @throws ScannerError `kernel.malformed`: no architecture is known; `kernel.implausible`: the banner names another one.
 */
export function readConfigFile(text: string, arch?: string): StatedBuild {
  const [, banner, release] = /^#\s*Linux\/(\S+)\s+(\S*).*Kernel Configuration\s*$/m.exec(text) ?? [];
  const [stated, written] = [arch, banner].map((word) => word && sourceArchitecture(word));
  if (stated && written && stated !== written) {
    throw new ScannerError('kernel.implausible', `the configuration is one of ${written}, not of ${stated}`);
  }
  const srcArch = stated ?? written;
  if (!srcArch)
    throw new ScannerError('kernel.malformed', 'the configuration does not name its architecture; give --arch');
  const symbols: Record<string, string> = {};
  for (const [, unset, name, value = ''] of text.matchAll(/^(?:# CONFIG_(\w+) is not set|CONFIG_(\w+)=(.*?))\r?$/gm)) {
    if (unset !== undefined) symbols[unset] = 'n';
    else if (name !== undefined) symbols[name] = value.replace(/^"(.*)"$/, '$1');
  }
  const isComplete =
    banner !== undefined && text.includes(ALWAYS_SET) && isWhole(text) && Object.values(symbols).includes('n');
  return { srcArch, symbols, isComplete, ...(release && { release }) };
}
