/** The parts of `seek-bzip` 2.0.0 that `bzip2.ts` drives. */
declare module 'seek-bzip' {
  class Stream {
    readByte(): number;
    writeByte(byte: number): void;
  }
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS
  export default class Bunzip {
    static readonly Stream: typeof Stream;
    readonly streamCRC: number;
    readonly reader: { read(bits: number): number };
    constructor(input: Stream, output: Stream);
    /** Reads the next block into memory; false at the end of the stream. */
    _init_block(): boolean;
    /** Writes the block to the output and compares its checksum. */
    _read_bunzip(): void;
  }
}
