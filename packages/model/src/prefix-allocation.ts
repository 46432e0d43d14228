/** Which prefixes of a pool are free. */
import {
  type Ip,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixesOverlap,
  prefixOffset,
  prefixSize,
} from "@loomstack/core";

/** The first prefix of that length in the pool that overlaps none that is taken; undefined where there is none. */
export function firstFreePrefix(
  pool: readonly Prefix[],
  taken: readonly Prefix[],
  prefixLength: number,
): Prefix | undefined {
  for (const range of pool) {
    if (range.prefixLength > prefixLength) continue;
    const offset = firstFreeOffset(range, taken, prefixSize({ ...range, prefixLength }));
    if (offset !== undefined) return { network: prefixAddress(range, offset), prefixLength };
  }
  return undefined;
}

function firstFreeOffset(range: Prefix, taken: readonly Prefix[], size: bigint): bigint | undefined {
  const inside = taken.filter((each) => prefixesOverlap(range, each)).map((each) => intervalIn(range, each));
  let offset = 0n;
  for (const { start, end } of inside.sort((one, other) => (one.start < other.start ? -1 : 1))) {
    if (offset + size <= start) break;
    // What is taken may be smaller than what is wanted: the next one begins at a multiple of the wanted size.
    if (end > offset) offset = ((end + size - 1n) / size) * size;
  }
  return offset + size <= prefixSize(range) ? offset : undefined;
}

/** The part of `range` that overlaps `prefix`, counted from the range's first address; `end` isn't part of it. */
function intervalIn(range: Prefix, prefix: Prefix): { readonly start: bigint; readonly end: bigint } {
  if (prefix.prefixLength <= range.prefixLength) return { start: 0n, end: prefixSize(range) };
  const start = prefixOffset(range, prefix.network);
  return { start, end: start + prefixSize(prefix) };
}

/** Whether all of `prefix` is in one of the pool. */
export function isInPool(pool: readonly Prefix[], prefix: Prefix): boolean {
  const last: Ip = prefixAddress(prefix, prefixSize(prefix) - 1n);
  return pool.some((range) => prefixContains(range, prefix.network) && prefixContains(range, last));
}
