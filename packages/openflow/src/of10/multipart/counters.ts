import type { OfPort } from "@loomstack/core";
import { type Codec, fixedText, listToEnd, mapped, pad, struct, u32, u64, u8, withDefault } from "@loomstack/wire";
import type { TableStats } from "../../of13/multipart/descriptions.ts";
import { allQueues, type PortStats, type QueueStats } from "../../of13/multipart/port-stats.ts";
import { Port, shortPortNo } from "../../of13/ports.ts";

/** What a counter is that the switch doesn't count. */
const notCounted = { durationSec: 0xffff_ffff, durationNsec: 0xffff_ffff } as const;

const table = struct({
  tableId: u8,
  _: pad(3),
  name: fixedText(32),
  /** Fields that a flow may leave out, as in a match. */
  wildcards: u32,
  maxEntries: u32,
  activeCount: u32,
  lookupCount: u64,
  matchedCount: u64,
});

/** @see OpenFlow 1.0.0, 5.3.5 (ofp_table_stats) */
export const tableStatsReplyFields10 = {
  entries: listToEnd(
    mapped(table, {
      decode: (stats) => stats,
      encode: (stats: TableStats) => ({ name: "", wildcards: 0, maxEntries: 0, ...stats }),
    }),
  ),
};

/** @see OpenFlow 1.0.0, 5.3.5 (ofp_port_stats_request) */
export const portStatsRequestFields10 = { portNo: withDefault(shortPortNo, Port.any), _: pad(6) };

const port = struct({
  portNo: shortPortNo,
  _: pad(6),
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
});

/** Counters of a port; its age isn't told. @see OpenFlow 1.0.0, 5.3.5 (ofp_port_stats) */
export const portStatsReplyFields10 = {
  entries: listToEnd(
    mapped(port, { decode: (stats) => ({ ...stats, ...notCounted }), encode: (stats: PortStats) => stats }),
  ),
};

/** In filters of queues, OFPP_ALL stands for any port. */
const queuePort: Codec<OfPort> = mapped(shortPortNo, {
  decode: (portNo) => (portNo === Port.all ? Port.any : portNo),
  encode: (portNo: OfPort) => (portNo === Port.any ? Port.all : portNo),
});

/** @see OpenFlow 1.0.0, 5.3.5 (ofp_queue_stats_request) */
export const queueStatsRequestFields10 = {
  portNo: withDefault(queuePort, Port.any),
  _: pad(2),
  queueId: withDefault(u32, allQueues),
};

const queue = struct({ portNo: shortPortNo, _: pad(2), queueId: u32, txBytes: u64, txPackets: u64, txErrors: u64 });

/** @see OpenFlow 1.0.0, 5.3.5 (ofp_queue_stats) */
export const queueStatsReplyFields10 = {
  entries: listToEnd(
    mapped(queue, { decode: (stats) => ({ ...stats, ...notCounted }), encode: (stats: QueueStats) => stats }),
  ),
};
