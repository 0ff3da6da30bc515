import { statSync } from 'node:fs';
import type { KernelMaterial } from '../../kernel/examine-kernel.ts';
import { compiledSources } from '../../kernel/kbuild/evaluate.ts';
import { parseKernelVersion } from '../../kernel/kernel-version.ts';
import { openTree } from '../../kernel/tree.ts';
import { ScannerError } from '../../model/errors.ts';
import { kernelReportFormats } from '../../reports/kernel-report/formats.ts';
import { judgeKernelTarget } from '../../scan/judge-kernel-target.ts';
import type { Command, Invocation } from '../command.ts';
import { KERNEL_OPTIONS, readKernelRun } from '../kernel-options.ts';
import { listOf, OUTPUT_OPTION, parseOutputs, writeOutputs } from '../outputs.ts';
import { createProgress } from '../progress.ts';
import { readSettings, type Settings } from '../settings.ts';

/** `cvescan kernel VERSION|DIR`: which known vulnerabilities a Linux kernel has, each with its evidence. */
export const kernelCommand: Command = {
  name: 'kernel',
  summary: 'Judge a Linux kernel: which known vulnerabilities it has, as it is configured and patched.',
  usage: 'cvescan kernel VERSION|DIR [OPTIONS]',
  description: [
    'VERSION is that of a release or of a package: 6.1.176, 6.1.176-1, 5.10.72-imx. DIR holds the sources, or is a git repository, or',
    'holds only the Makefiles and Kconfig files (then --files names all paths). The more is given, the fewer vulnerabilities are left:',
    'docs/how-to/judge-a-kernel.md.',
    '',
    'Examples:',
    '  cvescan kernel 6.1.176',
    '  cvescan kernel linux-6.1.176 --kernel-config .config -o json=verdicts.json',
    '  cvescan kernel 6.1.176-1 --changelog changelog.Debian.gz --cve CVE-2024-26581',
    '',
    `Formats: ${kernelReportFormats.map(({ name, title }) => `${name} (${title})`).join(', ')}`,
  ].join('\n'),
  options: {
    output: OUTPUT_OPTION,
    release: { type: 'string', value: 'VERSION', help: 'of a DIR: the version as its package states it' },
    ...KERNEL_OPTIONS,
    cve: { type: 'string', multiple: true, value: 'CVE', help: 'only this one, with all evidence' },
    'list-compiled': {
      type: 'boolean',
      help: 'print the source files that are compiled, one a line; needs no database',
    },
  },

  async run(invocation) {
    const { options, positionals } = invocation;
    const settings = await readSettings(invocation);
    const { material, cache } = await readTarget(invocation, settings);
    if (options['list-compiled']) return listCompiled(material, invocation);
    const outputs = parseOutputs(listOf(options.output), kernelReportFormats);
    const cves = positionals.length > 0 ? listOf(options.cve) : [];
    using progress = createProgress(invocation);
    const judged = await judgeKernelTarget(material, {
      ...{ databaseDirectory: settings.databaseDirectory, cache, progress: progress.show },
      ...(cves.length > 0 && { cves }),
    });
    progress.end();
    await writeOutputs({ ...judged, isDetailed: cves.length > 0 }, outputs, invocation);
    return 0;
  },
};

/** The kernel that is named: a directory, else a version. @throws ScannerError `usage.invalid`. */
async function readTarget(invocation: Invocation, settings: Settings) {
  const { options, positionals } = invocation;
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) {
    throw new ScannerError('usage.invalid', `give one kernel: ${kernelCommand.usage}`);
  }
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) return readKernelRun(invocation, settings, target);
  if (!parseKernelVersion(target)) {
    throw new ScannerError('usage.invalid', `${target} is neither a directory nor the version of a kernel`);
  }
  return readKernelRun({ ...invocation, options: { ...options, release: options.release ?? target } }, settings);
}

/** @throws ScannerError `usage.invalid`, `kernel.implausible`, `kernel.limit-exceeded`. */
async function listCompiled(
  { tree: location, config, configDoubt }: KernelMaterial,
  { stdout }: Invocation,
): Promise<number> {
  if (configDoubt !== undefined) throw new ScannerError('kernel.implausible', configDoubt);
  if (!location || !config) {
    throw new ScannerError('usage.invalid', '--list-compiled needs a DIR and its --kernel-config');
  }
  using tree = await openTree(location, location.git);
  const sources = await compiledSources(tree, config);
  stdout.write(sources.map((path) => `${path}\n`).join(''));
  return 0;
}
