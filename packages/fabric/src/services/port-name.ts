/** The names that the network itself gives: pure, from intent. */
import type { Network, Port } from "@loomstack/model";

/**
 * The name of a port inside the domain of its network: its own, or its first address, as Neutron names ports. Every
 * character counts: `2001:db8::1:2` and `2001:db8:1::2` are two names.
 */
export function hostNameOf({ dnsName, fixedIps: [first] }: Pick<Port, "dnsName" | "fixedIps">): string | undefined {
  return dnsName ?? (first && `host-${first.ipAddress.replaceAll(/[.:]/g, "-")}`);
}

/** The domain of a network's names. @param configured where the network has none of its own */
export function domainOf(network: Pick<Network, "dnsDomain"> | undefined, configured: string): string {
  return network?.dnsDomain ?? configured;
}
