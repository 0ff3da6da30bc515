import { readFile } from 'node:fs/promises';
import packageJson from '../../../package.json' with { type: 'json' };
import { readConfigFile } from '../../kernel/config-file.ts';
import { compiledSources } from '../../kernel/kbuild/evaluate.ts';
import { openTree } from '../../kernel/tree.ts';
import { ScannerError } from '../../model/errors.ts';
import { isSystemError, reasonOf } from '../../platform/system-errors.ts';
import type { Command } from '../command.ts';

/** `cvescan kernel DIR --kernel-config FILE --list-compiled`: the source files that a configuration compiles. */
export const kernelCommand: Command = {
  name: 'kernel',
  summary: 'List the source files that the configuration of a Linux kernel compiles.',
  usage: 'cvescan kernel DIR --kernel-config FILE --list-compiled [OPTIONS]',
  description:
    'DIR holds the sources, or is a git repository, or holds only the Makefiles (then --files names all paths).',
  options: {
    'kernel-config': { type: 'string', value: 'FILE', help: 'The .config of the kernel.' },
    arch: {
      type: 'string',
      value: 'ARCH',
      help: 'Architecture, as make takes it; by default that of the configuration.',
    },
    files: { type: 'string', value: 'LIST', help: 'A file that names all paths of the tree, one a line.' },
    'list-compiled': { type: 'boolean', help: 'Print the paths, one a line.' },
  },

  async run({ options, positionals, stdout, env, signal }) {
    const { 'kernel-config': config, arch, files } = options;
    const [directory, more] = positionals;
    if (directory === undefined || more !== undefined || typeof config !== 'string' || !options['list-compiled']) {
      throw new ScannerError('usage.invalid', `usage: ${kernelCommand.usage}`);
    }
    const build = readConfigFile(await readText(config), typeof arch === 'string' ? arch : undefined);
    const paths = typeof files === 'string' ? (await readText(files)).split('\n') : undefined;
    const git = { env, signal, userAgent: `cvescan/${packageJson.version}` };
    using tree = await openTree({ directory, ...(paths && { paths }) }, git);
    const sources = await compiledSources(tree, build);
    stdout.write(sources.map((path) => `${path}\n`).join(''));
    return 0;
  },
};

/** @throws ScannerError `kernel.not-found`. */
async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new ScannerError('kernel.not-found', `cannot read ${file}: ${reasonOf(cause)}`, { file }, { cause });
  }
}
