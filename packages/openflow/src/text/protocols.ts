/** The words that ovs-ofctl has for a protocol, and what they stand for. @see ovs-ofctl(8), "Flow Syntax" */
export interface Protocol {
  readonly name: string;
  readonly ethType: number;
  readonly ipProto?: number;
}

export const protocols: readonly Protocol[] = [
  { name: "ip", ethType: 0x0800 },
  { name: "icmp", ethType: 0x0800, ipProto: 1 },
  { name: "tcp", ethType: 0x0800, ipProto: 6 },
  { name: "udp", ethType: 0x0800, ipProto: 17 },
  { name: "sctp", ethType: 0x0800, ipProto: 132 },
  { name: "ipv6", ethType: 0x86dd },
  { name: "icmp6", ethType: 0x86dd, ipProto: 58 },
  { name: "tcp6", ethType: 0x86dd, ipProto: 6 },
  { name: "udp6", ethType: 0x86dd, ipProto: 17 },
  { name: "sctp6", ethType: 0x86dd, ipProto: 132 },
  { name: "arp", ethType: 0x0806 },
  { name: "rarp", ethType: 0x8035 },
  { name: "mpls", ethType: 0x8847 },
  { name: "mplsm", ethType: 0x8848 },
];

/** The word that says most of it. */
export function protocolOf(ethType: number, ipProto: number): Protocol | undefined {
  const candidates = protocols.filter((protocol) => protocol.ethType === ethType);
  return candidates.find((protocol) => protocol.ipProto === ipProto) ?? candidates[0];
}

/** Other words for some of them, which ovs-ofctl reads and doesn't print. */
export const protocolAliases: Readonly<Record<string, string>> = { ipv4: "ip", ip4: "ip", ip6: "ipv6" };
