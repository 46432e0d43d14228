/** What DHCPv6 tells a port: pure, from intent. */
import { isIpv6 } from "@loomstack/core";
import { isIpv6Subnet, type Port, type Subnet } from "@loomstack/model";
import type { Dhcpv6Lease } from "./lease.ts";
import { serverIdOf } from "./server-id.ts";

/** Whether ports of this subnet get addresses or settings by DHCPv6 of ours. */
export function hasDhcpv6(subnet: Subnet): boolean {
  const { enableDhcp, ipv6AddressMode } = subnet;
  return isIpv6Subnet(subnet) && enableDhcp && ipv6AddressMode !== null && ipv6AddressMode !== "slaac";
}

/** Undefined when none of the subnets has DHCPv6. @param subnets those of the port's network */
export function leaseOf(
  port: Port,
  subnets: readonly Subnet[],
  settings: Pick<Dhcpv6Lease, "leaseSec" | "searchDomains" | "hostName">,
): Dhcpv6Lease | undefined {
  const served = subnets.filter(hasDhcpv6);
  if (served.length === 0) return undefined;
  const stateful = new Set(
    served.flatMap(({ id, ipv6AddressMode }) => (ipv6AddressMode === "dhcpv6-stateful" ? [id] : [])),
  );
  return {
    ...settings,
    serverId: serverIdOf(port.networkId),
    addresses: port.fixedIps
      .filter(({ subnetId }) => stateful.has(subnetId))
      .map(({ ipAddress }) => ipAddress)
      .filter(isIpv6),
    nameservers: [...new Set(served.flatMap(({ dnsNameservers }) => dnsNameservers.filter(isIpv6)))],
  };
}
