import type { Ipv6 } from "@loomstack/core";

/** What one port may be told in DHCPv6; nobody is given anything that isn't here. */
export interface Dhcpv6Lease {
  /** The server's DUID (RFC 8415, 11): the same after every restart. */
  readonly serverId: Uint8Array;
  /** The port's addresses in subnets with stateful DHCPv6. */
  readonly addresses: readonly Ipv6[];
  /** For how long they are, in seconds. */
  readonly leaseSec: number;
  readonly nameservers: readonly Ipv6[];
  readonly searchDomains: readonly string[];
  /** The fully qualified name of the port; undefined when it has none. */
  readonly hostName?: string | undefined;
}
