import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a page token is good for. */
const LIFETIME_SECONDS = 3600;

/** How far another instance's clock may be ahead of ours. */
const MAX_CLOCK_SKEW_SECONDS = 60;

const VERSION = 0x80;
const KEY_BYTES = 32;
const HEADER_BYTES = 1 + 8 + 16;
const SIGNATURE_BYTES = 32;
const BLOCK_BYTES = 16;

/** A token may be as long as a URL; ours have about a hundred characters. */
const MAX_TOKEN_LENGTH = 4096;

/**
 * Reads a Fernet key as Clair does: 32 bytes in base64, usual or URL-safe, padded or not, or in hex.
 *
 * @returns undefined when it is none.
 */
export function parseFernetKey(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length === KEY_BYTES ? key : undefined;
}

/** Makes and reads page tokens: JSON, encrypted and signed, so that no client sees or makes rows' numbers. */
export interface PageTokens {
  /** @returns URL-safe base64, with padding, as Clair. */
  make(value: unknown): string;
  /** @returns the value; undefined for a token that is expired, from the future, or not ours. */
  read(token: string): unknown;
}

/**
 * Fernet tokens of version 0x80. Source: https://github.com/fernet/spec.
 *
 * @param key 32 bytes: 16 to sign, 16 to encrypt. @param now milliseconds.
 */
export function createPageTokens(key: Buffer, now: () => number, random = randomBytes): PageTokens {
  const [signingKey, encryptionKey] = [key.subarray(0, 16), key.subarray(16, KEY_BYTES)];
  const sign = (bytes: Buffer) => createHmac('sha256', signingKey).update(bytes).digest();

  return {
    make(value) {
      const iv = random(BLOCK_BYTES);
      const header = Buffer.alloc(9);
      header.writeUInt8(VERSION);
      header.writeBigUInt64BE(BigInt(Math.floor(now() / 1000)), 1);
      const cipher = createCipheriv('aes-128-cbc', encryptionKey, iv);
      // Clair's plaintext ends in a line feed, as its encoder writes one.
      const encrypted = [cipher.update(`${JSON.stringify(value)}\n`, 'utf8'), cipher.final()];
      const body = Buffer.concat([header, iv, ...encrypted]);
      return Buffer.concat([body, sign(body)])
        .toString('base64')
        .replaceAll('+', '-')
        .replaceAll('/', '_');
    },

    read(token) {
      if (token.length > MAX_TOKEN_LENGTH || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(token)) return undefined;
      const bytes = Buffer.from(token, 'base64');
      const end = bytes.length - SIGNATURE_BYTES;
      const encryptedBytes = end - HEADER_BYTES;
      if (encryptedBytes < BLOCK_BYTES || encryptedBytes % BLOCK_BYTES !== 0 || bytes[0] !== VERSION) return undefined;
      if (!timingSafeEqual(sign(bytes.subarray(0, end)), bytes.subarray(end))) return undefined;
      const age = BigInt(Math.floor(now() / 1000)) - bytes.readBigUInt64BE(1);
      if (age > LIFETIME_SECONDS || age < -MAX_CLOCK_SKEW_SECONDS) return undefined;
      const decipher = createDecipheriv('aes-128-cbc', encryptionKey, bytes.subarray(9, HEADER_BYTES));
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, end)), decipher.final()]);
        return JSON.parse(text.toString('utf8'));
      } catch {
        return undefined;
      }
    },
  };
}
