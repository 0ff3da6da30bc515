/** Numbers from 0 to 2^31 - 1, seven bits a byte, the lowest first; all but the last byte of a number have the high bit. */
export function packNumbers(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(numbers.length * 5);
  let length = 0;
  for (const number of numbers) {
    let rest = number;
    for (; rest > 127; rest >>>= 7) bytes[length++] = (rest & 127) | 128;
    bytes[length++] = rest;
  }
  return Uint8Array.prototype.slice.call(bytes, 0, length);
}

/** The numbers that `packNumbers` packed. */
export function unpackNumbers(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let [number, shift] = [0, 0];
  for (const byte of bytes) {
    number |= (byte & 127) << shift;
    shift += 7;
    if (byte > 127) continue;
    numbers.push(number);
    [number, shift] = [0, 0];
  }
  return numbers;
}

/** Rising numbers as their differences, so that most take one byte. */
export function packRising(numbers: readonly number[]): Uint8Array {
  return packNumbers(numbers.map((number, index) => number - (numbers[index - 1] ?? 0)));
}

/** The numbers that `packRising` packed. */
export function unpackRising(bytes: Uint8Array): number[] {
  let sum = 0;
  return unpackNumbers(bytes).map((difference) => {
    sum += difference;
    return sum;
  });
}
