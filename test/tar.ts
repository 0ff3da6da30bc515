/** One entry of a tar that a test writes. `overrides` puts raw bytes into header fields, for what no archiver writes. */
export interface TarEntrySpec {
  readonly path: string;
  /** `0` file (default), `1` hard link, `2` symlink, `5` directory, `x` pax … */
  readonly type?: string;
  readonly linkPath?: string;
  readonly mode?: number;
  readonly body?: string | Uint8Array;
  /** Stated size, where it is not that of the body. */
  readonly sizeBytes?: number;
  readonly magic?: string;
  readonly prefix?: string;
  /** Raw bytes by offset, put in before the checksum is made. */
  readonly raw?: Readonly<Record<number, string>>;
  readonly checksum?: string;
}

const BLOCK = 512;

/** The two blocks of zeros that end an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/** A whole tar. */
export function tar(...entries: readonly TarEntrySpec[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), TAR_END]);
}

/** One header with its body, padded. */
export function tarEntry(spec: TarEntrySpec): Buffer {
  const body = Buffer.from(spec.body ?? '');
  const header = Buffer.alloc(BLOCK);
  header.write(spec.path, 0, 100);
  header.write(octal(spec.mode ?? 0o644, 7), 100);
  header.write(octal(spec.sizeBytes ?? body.length, 11), 124);
  header.write(spec.type ?? '0', 156, 'latin1');
  header.write(spec.linkPath ?? '', 157, 100);
  header.write(spec.magic ?? 'ustar\x0000', 257, 'latin1');
  header.write(spec.prefix ?? '', 345, 155);
  for (const [offset, bytes] of Object.entries(spec.raw ?? {})) header.write(bytes, Number(offset), 'latin1');
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(spec.checksum ?? `${octal(sum, 6)}\0 `, 148);
  return Buffer.concat([header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)]);
}

/** A pax extension header for the entry behind it. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): TarEntrySpec {
  const body = Object.entries(records)
    .map(([key, value]) => paxRecord(`${key}=${value}\n`))
    .join('');
  return { path: 'PaxHeaders/0', type, body };
}

function paxRecord(text: string): string {
  const bytes = Buffer.byteLength(text) + 1;
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length} ${text}`;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
