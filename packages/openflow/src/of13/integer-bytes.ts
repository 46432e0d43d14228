/** The lowest `8 * size` bits, highest byte first. */
export function integerToBytes(integer: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((integer >> BigInt(8 * (size - 1 - index))) & 0xffn));
}

/** Bytes as an unsigned integer, highest byte first. */
export function bytesToInteger(octets: Uint8Array): bigint {
  return octets.byteLength === 0
    ? 0n
    : BigInt(`0x${Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString("hex")}`);
}
