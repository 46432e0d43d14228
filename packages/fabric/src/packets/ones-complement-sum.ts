/** The sum of 16-bit words that IP's checksums are made of (RFC 1071), over `bytes` and what `sum` was over. */
export function onesComplementSum(bytes: Uint8Array, sum = 0): number {
  let total = sum;
  for (let index = 0; index < bytes.length; index += 2) total += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x1_0000);
  return total;
}
