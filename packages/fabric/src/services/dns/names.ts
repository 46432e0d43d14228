/** The names of a network's ports, and the addresses behind them: pure, from intent. */
import { type Ip, ipFromBigint, isIpv4, ipv4FromNumber } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";
import { hostNameOf } from "../port-name.ts";

/** Where names of addresses are (RFC 1035, 3.5; RFC 3596, 2.5). */
const reverse = { ipv4: ".in-addr.arpa", ipv6: ".ip6.arpa" } as const;

/** The port of the asker's network that has this name in the domain. */
export function portNamed(intent: Intent, asker: Port, hostName: string): Port | undefined {
  return portOfNetwork(intent, asker, (port) => hostNameOf(port) === hostName);
}

export function portWith(intent: Intent, asker: Port, address: Ip): Port | undefined {
  return portOfNetwork(intent, asker, ({ fixedIps }) => fixedIps.some(({ ipAddress }) => ipAddress === address));
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

export function addressesOf({ fixedIps }: Port, type: "A" | "AAAA"): readonly Ip[] {
  return fixedIps.map(({ ipAddress }) => ipAddress).filter((address) => isIpv4(address) === (type === "A"));
}

function portOfNetwork(intent: Intent, asker: Port, holds: (port: Port) => boolean): Port | undefined {
  for (const id of intent.portsByNetwork.get(asker.networkId) ?? []) {
    const port = intent.ports.get(id);
    if (port !== undefined && holds(port)) return port;
  }
  return undefined;
}
