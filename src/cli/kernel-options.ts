import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { cloneDirectory, LINUX_REPOSITORY } from '../feeds/clone-directory.ts';
import type { KernelMaterial } from '../kernel/examine-kernel.ts';
import { openResultCache } from '../kernel/result-cache.ts';
import { ScannerError } from '../model/errors.ts';
import { decompressed } from '../platform/archives/compression.ts';
import { isSystemError, reasonOf } from '../platform/system-errors.ts';
import type { Invocation, OptionSpec, OptionValues } from './command.ts';
import type { Settings } from './settings.ts';

/** What is at hand of a kernel: the options of all commands that judge one. */
export const KERNEL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'kernel-config': {
    type: 'string',
    value: 'FILE',
    help: 'its configuration: .config, config.gz, lkconfig.yml, or an image with CONFIG_IKCONFIG',
  },
  lkconfig: { type: 'string', value: 'FILE', help: 'another name of --kernel-config' },
  'kernel-rev': { type: 'string', value: 'REV', help: 'of a repository: the revision that was built (default HEAD)' },
  'linux-dir': {
    type: 'string',
    value: 'DIR',
    help: 'a clone of the stable tree, bare or not (default: that of datasources-update linux)',
  },
  arch: { type: 'string', value: 'ARCH', help: 'as make takes it; by default that of the configuration' },
  files: {
    type: 'string',
    value: 'LIST',
    help: 'all paths of the tree, one a line, where only its Makefiles are at hand',
  },
  'compiled-sources': {
    type: 'string',
    value: 'PATH',
    help: 'what its build compiled: compile_commands.json, the build directory (.cmd files), an SPDX document, a list',
  },
  changelog: { type: 'string', value: 'FILE', help: "the package's changelog: what it names is mended" },
  'strict-headers': { type: 'boolean', help: 'headers that cannot be examined keep a vulnerability open' },
};

/** Where the kernel's sources are, for commands whose target is something else. */
export const KERNEL_TREE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'kernel-dir': {
    type: 'string',
    value: 'DIR',
    help: "the kernel's sources: a tree, a repository, or its Makefiles alone (then with --files)",
  },
};

/** What options say of a kernel, and where what is read of it is kept. @throws ScannerError as `readKernelOptions`. */
export async function readKernelRun(
  invocation: Pick<Invocation, 'options' | 'env' | 'signal'>,
  settings: Pick<Settings, 'cacheDirectory' | 'datasources'>,
  directory?: string,
) {
  const material = await readKernelOptions(invocation, settings, directory);
  return { material, cache: openResultCache(join(settings.cacheDirectory, 'kernel')) };
}

/**
 * Reads what options say of a kernel.
 *
 * @param directory its tree or repository; that of `--kernel-dir` when absent.
 * @throws ScannerError `kernel.not-found`, `kernel.malformed`, `kernel.limit-exceeded`, `usage.invalid`.
 */
async function readKernelOptions(
  { options, env, signal }: Pick<Invocation, 'options' | 'env' | 'signal'>,
  { cacheDirectory, datasources }: Pick<Settings, 'cacheDirectory' | 'datasources'>,
  directory: string | undefined = textOf(options['kernel-dir']),
): Promise<KernelMaterial> {
  const git = { env, signal, userAgent: `cvescan/${packageJson.version}` };

  const { release, arch, changelog, files, 'kernel-rev': revision, 'compiled-sources': compiled } = options;
  const config = await readConfigOption(options);
  const upstream = upstreamDirectory(textOf(options['linux-dir']) ?? datasources.sources.linux?.dir, cacheDirectory);
  const paths = typeof files === 'string' ? (await readTextFile(files)).split('\n') : undefined;
  return {
    ...(directory !== undefined && {
      tree: { directory, git, ...(paths && { paths }), ...(typeof revision === 'string' && { revision }) },
    }),
    ...(upstream !== undefined && { upstream: { directory: upstream, git } }),
    ...(typeof release === 'string' && { release }),
    ...(typeof arch === 'string' && { arch }),
    ...config,
    ...(typeof compiled === 'string' && {
      record: (await import('../kernel/build-record.ts')).readBuildRecord(compiled),
    }),
    ...(typeof changelog === 'string' && { changelog: await readTextFile(changelog) }),
    ...(options['strict-headers'] === true && { strictHeaders: true }),
  };
}

/** @throws ScannerError `usage.invalid`: no such directory. */
function upstreamDirectory(stated: string | undefined, cacheDirectory: string): string | undefined {
  if (stated !== undefined) {
    if (statSync(stated, { throwIfNoEntry: false })?.isDirectory()) return stated;
    throw new ScannerError('usage.invalid', `--linux-dir ${stated}: there is no such directory`);
  }
  const clone = cloneDirectory(join(cacheDirectory, 'git'), LINUX_REPOSITORY);
  return existsSync(clone) ? clone : undefined;
}

const textOf = (value: OptionValues[string]): string | undefined => (typeof value === 'string' ? value : undefined);

/** The configuration that is named, under either name of the option; one of another architecture is a doubt. */
async function readConfigOption(options: OptionValues): Promise<Pick<KernelMaterial, 'config' | 'configDoubt'>> {
  const { 'kernel-config': config, lkconfig, arch } = options;
  if (config !== undefined && lkconfig !== undefined) {
    throw new ScannerError('usage.invalid', '--lkconfig is another name of --kernel-config: give one of them');
  }
  const file = config ?? lkconfig;
  if (typeof file !== 'string') return {};
  try {
    const { readKernelConfig } = await import('../kernel/read-kernel-config.ts');
    const config = await readKernelConfig(await readBytes(file), typeof arch === 'string' ? arch : undefined);
    return { config };
  } catch (cause) {
    if (!(cause instanceof ScannerError)) throw cause;
    if (cause.code === 'kernel.implausible') return { configDoubt: `${file}: ${cause.message}` };
    throw new ScannerError(cause.code, `${file}: ${cause.message}`, { file }, { cause });
  }
}

/** A text, compressed or not. @throws ScannerError `kernel.not-found`, `archive.damaged`. */
async function readTextFile(file: string): Promise<string> {
  const bytes = await readBytes(file);
  const chunks: Buffer[] = [];
  for await (const chunk of decompressed(single(bytes))) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* single(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new ScannerError('kernel.not-found', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
}
