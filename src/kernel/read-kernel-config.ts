import { gunzipSync, inflateRawSync } from 'node:zlib';
import { ScannerError } from '../model/errors.ts';
import { decompressed } from '../platform/archives/compression.ts';
import { readConfigFile, sourceArchitecture } from './config-file.ts';
import type { StatedBuild } from './examine-build.ts';

/** Limits of a configuration and of what it is taken from. */
export interface KernelConfigLimits {
  readonly maxConfigBytes: number;
  /** Of a vmlinux with its debug information, or what a bzImage holds. */
  readonly maxImageBytes: number;
}

/** A configuration has 300 KB; a vmlinux with debug information 1 GB. */
export const DEFAULT_KERNEL_CONFIG_LIMITS: KernelConfigLimits = {
  maxConfigBytes: 16 << 20,
  maxImageBytes: 2 ** 31 - 1,
};

/** What a kernel with CONFIG_IKCONFIG has around its configuration. Source: kernel/configs.c */
const [IKCONFIG_START, IKCONFIG_END] = [Buffer.from('IKCFG_ST'), Buffer.from('IKCFG_ED')];

/** What a compressed kernel may begin with inside its image. Source: scripts/extract-ikconfig */
const GZIP = Buffer.from('1f8b0800', 'hex');
const GZIP_HEADER_BYTES = 10;
const PAYLOADS: readonly Buffer[] = [
  GZIP,
  ...['fd377a585a00', '425a68', '28b52ffd'].map((hex) => Buffer.from(hex, 'hex')),
];

/** `ELF`; the setup header of bzImage; arm64's `Image`. */
const isImage = (bytes: Buffer): boolean =>
  bytes.subarray(0, 4).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46])) ||
  bytes.toString('latin1', 0x202, 0x206) === 'HdrS' ||
  bytes.toString('latin1', 0x38, 0x3c) === 'ARM\x64' ||
  bytes.includes(IKCONFIG_START);

/**
 * Reads the configuration of a kernel, whatever holds it: a `.config`, `config.gz` (any compression), `lkconfig.yml`, or a kernel
 * image built with CONFIG_IKCONFIG (vmlinux, bzImage).
 *
 * @param arch as make takes it; from the configuration when absent.
 * @throws ScannerError `kernel.malformed`, `kernel.limit-exceeded`.
 */
export async function readKernelConfig(
  bytes: Buffer,
  arch?: string,
  limits: KernelConfigLimits = DEFAULT_KERNEL_CONFIG_LIMITS,
): Promise<StatedBuild> {
  if (isImage(bytes)) return readConfigFile(await configOfImage(bytes, limits), arch);
  const plain = await unpacked(bytes, limits.maxConfigBytes);
  const text = plain.toString('utf8');
  if (/^(?:# )?CONFIG_\w+[= ]/m.test(text)) return readConfigFile(text, arch);
  return readLkconfig(text, arch);
}

async function unpacked(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of decompressed(single(bytes), { maxDecompressedBytes: maxBytes })) chunks.push(chunk);
  } catch (cause) {
    if (!(cause instanceof ScannerError)) throw cause;
    if (cause.code === 'archive.limit-exceeded') throw tooLarge(maxBytes);
    throw new ScannerError('kernel.malformed', `the configuration cannot be unpacked: ${cause.message}`, {}, { cause });
  }
  return Buffer.concat(chunks);
}

async function* single(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function tooLarge(maxConfigBytes: number): ScannerError {
  return new ScannerError(
    'kernel.limit-exceeded',
    `the configuration is larger than maxConfigBytes ${maxConfigBytes}`,
    {
      maxConfigBytes,
    },
  );
}

/** The image itself may hold it, or what is compressed inside. */
async function configOfImage(image: Buffer, { maxConfigBytes, maxImageBytes }: KernelConfigLimits): Promise<string> {
  const plain = configWithin(image, maxConfigBytes);
  if (plain !== undefined) return plain;
  for (const magic of PAYLOADS) {
    for (let at = image.indexOf(magic); at >= 0; at = image.indexOf(magic, at + 1)) {
      const config = configWithin(await payloadAt(image, at, maxImageBytes), maxConfigBytes);
      if (config !== undefined) return config;
    }
  }
  throw new ScannerError(
    'kernel.malformed',
    'the kernel image holds no configuration (it was built without CONFIG_IKCONFIG): give its .config',
  );
}

function configWithin(image: Buffer, maxOutputLength: number): string | undefined {
  const start = image.indexOf(IKCONFIG_START);
  const end = start < 0 ? -1 : image.indexOf(IKCONFIG_END, start);
  if (end < 0) return undefined;
  try {
    return gunzipSync(image.subarray(start + IKCONFIG_START.length, end), { maxOutputLength }).toString('utf8');
  } catch (cause) {
    throw new ScannerError('kernel.malformed', "the kernel image's configuration cannot be unpacked", {}, { cause });
  }
}

/** What unpacks from there, as far as it does: behind the payload lies more of the image. */
async function payloadAt(image: Buffer, at: number, maxDecompressedBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    // Node's gunzip refuses what follows; the kernel's build writes a header without a name (`gzip -n`).
    if (image[at] === GZIP[0]) {
      return inflateRawSync(image.subarray(at + GZIP_HEADER_BYTES), { maxOutputLength: maxDecompressedBytes });
    }
    for await (const chunk of decompressed(single(image.subarray(at)), { maxDecompressedBytes })) chunks.push(chunk);
  } catch (cause) {
    if (!(cause instanceof ScannerError || isOfZlib(cause))) throw cause;
  }
  return Buffer.concat(chunks);
}

const isOfZlib = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && /^Z_|^ERR_BUFFER_TOO_LARGE$/.test(String(cause.code));

/** `version`, `arch`, `options: {CONFIG_NAME: y|m|n|value}`: a partial list, for what it does not name may have any value. */
async function readLkconfig(text: string, arch: string | undefined): Promise<StatedBuild> {
  const stated = fieldsOf(await parsed(text));
  const [version, written, options] = [stated.version, stated.arch, fieldsOf(stated.options)];
  const srcArch = sourceArchitecture(arch ?? (typeof written === 'string' ? written : ''));
  if (Object.keys(options).length === 0) {
    throw new ScannerError(
      'kernel.malformed',
      'it is no kernel configuration: give a .config, config.gz or lkconfig.yml',
    );
  }
  if (srcArch === '') throw new ScannerError('kernel.malformed', 'lkconfig.yml names no arch; give --arch');
  const symbols = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name.replace(/^CONFIG_/, ''), symbolValue(value)]),
  );
  const release = typeof version === 'string' || typeof version === 'number' ? String(version) : undefined;
  return { srcArch, symbols, isComplete: false, ...(release !== undefined && { release }) };
}

async function parsed(text: string): Promise<unknown> {
  const { parseYaml } = await import('../platform/yaml.ts');
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new ScannerError(
      'kernel.malformed',
      `the configuration cannot be read: ${(cause as Error).message}`,
      {},
      { cause },
    );
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

/** YAML may read `y` and `n` as they are, `yes`, `no` and `on` as truth. */
function symbolValue(value: unknown): string {
  if (value === true) return 'y';
  return value === false || value === null ? 'n' : String(value);
}
