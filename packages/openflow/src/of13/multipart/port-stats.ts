import { listToEnd, pad, struct, type StructInput, u32, u64, type ValueOf, withDefault } from "@loomstack/wire";
import { Port, portNo } from "../ports.ts";

/** @see OpenFlow 1.3.5, 7.3.5.6 (ofp_port_stats_request) */
export const portStatsRequestFields = { portNo: withDefault(portNo, Port.any), _: pad(4) };

/** Counters of a port; one that the switch doesn't count is all ones. @see OpenFlow 1.3.5, 7.3.5.6 (ofp_port_stats) */
export const portStats = struct({
  portNo,
  _: pad(4),
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxDropped: u64,
  txDropped: u64,
  rxErrors: u64,
  txErrors: u64,
  rxFrameErrors: u64,
  rxOverrunErrors: u64,
  rxCrcErrors: u64,
  collisions: u64,
  durationSec: u32,
  durationNsec: u32,
});

export const portStatsReplyFields = { entries: listToEnd(portStats) };

/** All queues of a port, or of all ports. @see OpenFlow 1.3.5, 7.3.5.8 (OFPQ_ALL) */
export const allQueues = 0xffff_ffff;

/** @see OpenFlow 1.3.5, 7.3.5.8 (ofp_queue_stats_request) */
export const queueStatsRequestFields = { portNo: withDefault(portNo, Port.any), queueId: withDefault(u32, allQueues) };

/** @see OpenFlow 1.3.5, 7.3.5.8 (ofp_queue_stats) */
export const queueStats = struct({
  portNo,
  queueId: u32,
  txBytes: u64,
  txPackets: u64,
  txErrors: u64,
  durationSec: u32,
  durationNsec: u32,
});

export const queueStatsReplyFields = { entries: listToEnd(queueStats) };

export type PortStats = ValueOf<typeof portStats>;
export type QueueStats = ValueOf<typeof queueStats>;
export type QueueFilter = StructInput<typeof queueStatsRequestFields>;
