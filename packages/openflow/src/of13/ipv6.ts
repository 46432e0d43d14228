import { type Brand, LoomstackError } from "@loomstack/core";

/** An IPv6 address in the text form of RFC 5952: `2001:db8::1`. */
export type Ipv6 = Brand<string, "Ipv6">;

/** The address in 128 bits. @throws OPENFLOW__INVALID_IPV6 */
export function ipv6ToInteger(address: string): bigint {
  const [head = "", tail, ...surplus] = address.toLowerCase().split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const missing = 8 - before.length - after.length;
  const valid = surplus.length === 0 && (tail === undefined ? missing === 0 : missing > 0);
  const all = [...before, ...Array.from({ length: Math.max(missing, 0) }, () => "0"), ...after];
  if (!valid || !all.every((group) => /^[0-9a-f]{1,4}$/.test(group)))
    throw new LoomstackError("OPENFLOW__INVALID_IPV6", { value: address });
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The address of 128 bits, with the longest run of zero groups left out (RFC 5952 section 4). */
export function ipv6FromInteger(value: bigint): Ipv6 {
  const all = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const { start, length } = longestZeroRun(all);
  if (length < 2) return all.join(":") as Ipv6;
  return `${all.slice(0, start).join(":")}::${all.slice(start + length).join(":")}` as Ipv6;
}

/** Reads an address without an embedded IPv4 part, and gives it its canonical form. @throws OPENFLOW__INVALID_IPV6 */
export function parseIpv6(text: string): Ipv6 {
  return ipv6FromInteger(ipv6ToInteger(text));
}

function groups(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function longestZeroRun(all: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of all.entries()) {
    length = group === "0" ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}
