import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DEFAULT_KERNEL_CONFIG_LIMITS, readKernelConfig } from './read-kernel-config.ts';

const CONFIG = `#
# Automatically generated file; DO NOT EDIT.
# Linux/arm64 6.1.7 Kernel Configuration
#
CONFIG_INIT_ENV_ARG_LIMIT=32
CONFIG_NET=y
# CONFIG_SMB is not set
# end of Kernel hacking
`;
const READ = {
  srcArch: 'arm64',
  release: '6.1.7',
  isComplete: true,
  symbols: { NET: 'y', SMB: 'n', INIT_ENV_ARG_LIMIT: '32' },
};
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]);
const IKCONFIG = Buffer.concat([Buffer.from('IKCFG_ST'), gzipSync(CONFIG), Buffer.from('IKCFG_ED')]);
const VMLINUX = Buffer.concat([ELF, Buffer.alloc(4000, 7), IKCONFIG, Buffer.alloc(100, 9)]);

/** The setup code of x86, then the compressed kernel, then more. */
function bzImage(payload: Buffer): Buffer {
  const setup = Buffer.alloc(0x400, 3);
  setup.write('HdrS', 0x202, 'latin1');
  return Buffer.concat([setup, payload, Buffer.alloc(64, 5)]);
}

describe('a configuration is read from', () => {
  for (const [what, bytes] of [
    ['.config', Buffer.from(CONFIG)],
    ['config.gz', gzipSync(CONFIG)],
    ['config.zst', zstdCompressSync(CONFIG)],
    ['vmlinux', VMLINUX],
    ['bzImage, gzip', bzImage(gzipSync(VMLINUX))],
    ['bzImage, zstd', bzImage(zstdCompressSync(VMLINUX))],
  ] as const) {
    test(what, async () => expect(await readKernelConfig(bytes)).toEqual(READ));
  }

  test('lkconfig.yml, a partial list', async () => {
    const text =
      'version: 6.1\narch: x86_64\noptions:\n  CONFIG_NET: y\n  CONFIG_SMB: n\n  CONFIG_A: m\n  CONFIG_HZ: 250\n';
    expect(await readKernelConfig(Buffer.from(text))).toEqual({
      srcArch: 'x86',
      release: '6.1',
      isComplete: false,
      symbols: { NET: 'y', SMB: 'n', A: 'm', HZ: '250' },
    });
  });
});

describe('refused:', () => {
  for (const [what, bytes, message] of [
    ['an image without a configuration', bzImage(gzipSync(ELF)), /without CONFIG_IKCONFIG/],
    ['a damaged one', Buffer.concat([ELF, Buffer.from('IKCFG_STxxxIKCFG_ED')]), /cannot be unpacked/],
    ['some text', Buffer.from('hello'), /no kernel configuration/],
    ['nothing', Buffer.alloc(0), /no kernel configuration/],
    ['no YAML', Buffer.from('a: [b'), /cannot be read/],
    ['a list without an architecture', Buffer.from('options: {CONFIG_A: y}'), /names no arch/],
    ['a cut config.gz', gzipSync(CONFIG).subarray(0, 40), /cannot be unpacked/],
  ] as const) {
    test(what, async () => {
      await expect(readKernelConfig(bytes)).rejects.toMatchObject({
        code: 'kernel.malformed',
        message: expect.stringMatching(message),
      });
    });
  }

  test('what is larger than its limit, by one byte', async () => {
    const limits = { ...DEFAULT_KERNEL_CONFIG_LIMITS, maxConfigBytes: CONFIG.length };
    expect(await readKernelConfig(Buffer.from(CONFIG), undefined, limits)).toEqual(READ);
    for (const bytes of [Buffer.from(`${CONFIG}\n`), gzipSync(`${CONFIG}\n`)]) {
      await expect(readKernelConfig(bytes, undefined, limits)).rejects.toMatchObject({ code: 'kernel.limit-exceeded' });
    }
  });
});
