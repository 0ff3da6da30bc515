/** Reads numbers of an executable's headers in its byte order; all offsets must lie within the bytes. */
export class NumberReader {
  readonly bytes: Buffer;
  readonly #isLittleEndian: boolean;

  constructor(bytes: Buffer, isLittleEndian: boolean) {
    this.bytes = bytes;
    this.#isLittleEndian = isLittleEndian;
  }

  u16(offset: number): number {
    return this.#isLittleEndian ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    return this.#isLittleEndian ? this.bytes.readUInt32LE(offset) : this.bytes.readUInt32BE(offset);
  }

  /** An address, an offset or a size, of 4 or 8 bytes. Above 2^53 it is no longer exact; no file reaches there. */
  word(offset: number, bytes: number): number {
    if (bytes === 4) return this.u32(offset);
    return Number(this.#isLittleEndian ? this.bytes.readBigUInt64LE(offset) : this.bytes.readBigUInt64BE(offset));
  }

  /** Text up to the first zero, in a field of `length` bytes. */
  text(offset: number, length: number): string {
    const field = this.bytes.subarray(offset, offset + length);
    const end = field.indexOf(0);
    return field.toString('latin1', 0, end < 0 ? field.length : end);
  }
}
