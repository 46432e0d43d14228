/** What ovs-ofctl calls the flags of flows, in the order in which it prints them. @see ovs-ofctl(8), "Flow Syntax" */
export const flowFlagWords = [
  ["sendFlowRemoved", "send_flow_rem"],
  ["checkOverlap", "check_overlap"],
  ["resetCounts", "reset_counts"],
  ["noPacketCounts", "no_packet_counts"],
  ["noByteCounts", "no_byte_counts"],
] as const;
