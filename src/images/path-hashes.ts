/**
 * A set of paths that is only asked "is it in": sorted 52-bit hashes. 40,000 paths take 320 kB instead of several MB, and the set
 * crosses thread borders and lies in the cache as it is. Two paths of one image collide once in 5 million images of that size.
 */
export type PathHashes = Float64Array;

/** A path as 52 bits: FNV-1a in two lanes with different seeds, mixed at the end as in MurmurHash3. Over UTF-16 code units. */
export function hashOfPath(path: string): number {
  let [low, high] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    high = (high << 13) | (high >>> 19);
  }
  return (mix(high ^ low) & 0xfffff) * 0x1_0000_0000 + (mix(low + Math.imul(high, 5)) >>> 0);
}

function mix(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** The set of these paths. */
export function pathHashesOf(paths: Iterable<string>): PathHashes {
  return Float64Array.from(paths, hashOfPath).sort();
}

/** Whether a set holds a path, by its `hashOfPath`. */
export function hasPathHash(hashes: PathHashes, hash: number): boolean {
  let [from, to] = [0, hashes.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (hashes[middle]! < hash) from = middle + 1;
    else to = middle;
  }
  return hashes[from] === hash;
}
