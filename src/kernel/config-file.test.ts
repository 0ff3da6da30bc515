import { expect, test } from 'vitest';
import { readConfigFile } from './config-file.ts';

const FULL =
  '# Linux/x86 6.1.176 Kernel Configuration\nCONFIG_INIT_ENV_ARG_LIMIT=32\nCONFIG_A=m\n# CONFIG_B is not set\nCONFIG_C="t"\n# end of Kernel hacking\n';

test('a complete configuration names its architecture and all symbols', () => {
  const symbols = { INIT_ENV_ARG_LIMIT: '32', A: 'm', B: 'n', C: 't' };
  expect(readConfigFile(FULL)).toEqual({ srcArch: 'x86', symbols, isComplete: true, release: '6.1.176' });
  expect(readConfigFile(FULL, 'x86_64').srcArch).toBe('x86');
});

test('a fragment is partial', () => {
  expect(readConfigFile('CONFIG_A=y\n', 'arm')).toEqual({ srcArch: 'arm', symbols: { A: 'y' }, isComplete: false });
});

test('no architecture is guessed, and none is overruled', () => {
  expect(() => readConfigFile('CONFIG_A=y\n')).toThrow(expect.objectContaining({ code: 'kernel.malformed' }));
  expect(() => readConfigFile(FULL, 'arm64')).toThrow(expect.objectContaining({ code: 'kernel.implausible' }));
});

test.each([
  ['breaks off', FULL.replace('# end of Kernel hacking\n', ''), false],
  ['breaks off in a later menu', FULL.replace('Kernel hacking', 'General setup'), false],
  ['of Linux 4.19', FULL.replace('# end of Kernel hacking', '#\n# Kernel hacking\n#\n#\n# Library routines\n#'), true],
  ['of Linux 4.19, breaks off', FULL.replace('# end of Kernel hacking', '#\n# Kernel hacking\n#'), false],
  ['with the line ends of Windows', FULL.replaceAll('\n', '\r\n'), true],
])('a configuration without its end is partial: %s', (_, text, isComplete) => {
  expect(readConfigFile(text).isComplete).toBe(isComplete);
});
