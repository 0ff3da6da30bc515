import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { KernelMaterial } from '../kernel/examine-kernel.ts';
import { DEFAULT_KERNEL_CONFIG_LIMITS, readKernelConfig } from '../kernel/read-kernel-config.ts';
import { ScannerError } from '../model/errors.ts';

/** What a job brings of a kernel. */
export interface StatedKernel {
  /** Its configuration: gzip in base64, with the SHA-256 of the unpacked text. */
  readonly config?: { readonly content: string; readonly sha256: string } | undefined;
  readonly release?: string | undefined;
  /** As make takes it. */
  readonly arch?: string | undefined;
}

/** @throws ScannerError `document.digest-mismatch`, `kernel.malformed`, `kernel.limit-exceeded`. */
export async function kernelMaterialOf({ config, release, arch }: StatedKernel): Promise<KernelMaterial> {
  return {
    ...(release !== undefined && { release }),
    ...(arch !== undefined && { arch }),
    ...(config && { config: await readKernelConfig(await unpack(config), arch) }),
  };
}

async function unpack({ content, sha256 }: NonNullable<StatedKernel['config']>): Promise<Buffer> {
  const { maxConfigBytes } = DEFAULT_KERNEL_CONFIG_LIMITS;
  const text = await promisify(gunzip)(Buffer.from(content, 'base64'), { maxOutputLength: maxConfigBytes }).catch(
    (cause: unknown) => {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
        const message = `the kernel's configuration unpacks to more than maxConfigBytes ${maxConfigBytes}`;
        throw new ScannerError('kernel.limit-exceeded', message, { maxConfigBytes }, { cause });
      }
      throw new ScannerError(
        'kernel.malformed',
        "the kernel's configuration is not packed with gzip, or damaged",
        {},
        { cause },
      );
    },
  );
  if (createHash('sha256').update(text).digest('hex') === sha256) return text;
  throw new ScannerError(
    'document.digest-mismatch',
    "the kernel's configuration has not the SHA-256 that it was submitted with",
  );
}
