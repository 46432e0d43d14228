import { listToEnd, pad, struct, u32, u64, type ValueOf } from "@loomstack/wire";

/** Counters of what a bridge has exported by IPFIX. @see ovs-ofctl(8), "dump-ipfix-bridge" and "dump-ipfix-flow" */
export const ipfixStats = struct({
  totalFlows: u64,
  currentFlows: u64,
  packets: u64,
  ipv4Packets: u64,
  ipv6Packets: u64,
  errorPackets: u64,
  ipv4ErrorPackets: u64,
  ipv6ErrorPackets: u64,
  txPackets: u64,
  txErrors: u64,
  collectorSetId: u32,
  _: pad(4),
});

export const ipfixStatsReplyFields = { entries: listToEnd(ipfixStats) };

export type IpfixStats = ValueOf<typeof ipfixStats>;
