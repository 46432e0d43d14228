import { type Ip, ipFromBigint, ipToBigint, ipv4FromNumber, isIpv6 } from "@loomstack/core";

/** Where names of addresses are (RFC 1035, 3.5; RFC 3596, 2.5). */
const reverse = { ipv4: ".in-addr.arpa", ipv6: ".ip6.arpa" } as const;

/** Where the name of an address is. */
export function reverseNameOf(address: Ip): string {
  if (!isIpv6(address)) return `${address.split(".").toReversed().join(".")}${reverse.ipv4}`;
  const nibbles = ipToBigint(address).toString(16).padStart(32, "0");
  return `${Array.from({ length: 32 }, (_, index) => nibbles[31 - index]).join(".")}${reverse.ipv6}`;
}

/** The address that a name in lower case asks the name of; undefined when it is no such name. */
export function addressOfReverse(name: string): Ip | undefined {
  if (name.endsWith(reverse.ipv4)) {
    const octets = name.slice(0, -reverse.ipv4.length).split(".").toReversed();
    if (octets.length !== 4 || !octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256))
      return undefined;
    return ipv4FromNumber(octets.reduce((sum, octet) => sum * 256 + Number(octet), 0));
  }
  if (!name.endsWith(reverse.ipv6)) return undefined;
  const nibbles = name.slice(0, -reverse.ipv6.length).split(".").toReversed();
  if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[\da-f]$/.test(nibble))) return undefined;
  return ipFromBigint(6, BigInt(`0x${nibbles.join("")}`));
}
