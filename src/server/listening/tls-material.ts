import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ScannerError } from '../../model/errors.ts';
import { reasonOf } from '../../platform/system-errors.ts';
import type { TlsFiles } from '../config/server-config.ts';

/** Certificate, key, and whose clients are let in. */
export type TlsMaterial = SecureContextOptions & {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
};

/**
 * Reads the files of a TLS listener: TLS 1.2 or newer, and clients must show a certificate when there is a file of authorities.
 *
 * @throws ScannerError `config.invalid`: a file is missing, or certificate and key do not belong together.
 */
export function readTlsMaterial(files: TlsFiles & { readonly caFile?: string }): TlsMaterial {
  const material: TlsMaterial = {
    cert: read(files.certFile),
    key: read(files.keyFile),
    minVersion: 'TLSv1.2',
    ...(files.caFile !== undefined && { ca: read(files.caFile) }),
    requestCert: files.caFile !== undefined,
    rejectUnauthorized: files.caFile !== undefined,
  };
  try {
    createSecureContext(material);
  } catch (cause) {
    const message = `${files.certFile} and ${files.keyFile} make no TLS certificate: ${reasonOf(cause)}`;
    throw new ScannerError('config.invalid', message, { file: files.certFile }, { cause });
  }
  return material;
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ScannerError('config.invalid', `${file} cannot be read: ${reasonOf(cause)}`, { file }, { cause });
  }
}
