import {
  listToEnd,
  pad,
  sized,
  struct,
  type StructInput,
  type StructValue,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  withDefault,
} from "@loomstack/wire";
import { instructions } from "../instructions.ts";
import { match } from "../match.ts";
import { flowModFlags } from "../messages/flow-mod.ts";
import { allTables, Group, Port, portNo } from "../ports.ts";

/** Which flows are asked for. @see OpenFlow 1.3.5, 7.3.5.2 (ofp_flow_stats_request) */
export const flowFilterFields = {
  tableId: withDefault(u8, allTables),
  _: pad(3),
  outPort: withDefault(portNo, Port.any),
  outGroup: withDefault(u32, Group.any),
  _2: pad(4),
  cookie: withDefault(u64, 0n),
  /** Which bits of a flow's cookie must be those of `cookie`; 0 for none. */
  cookieMask: withDefault(u64, 0n),
  match: withDefault(match, {}),
};

/** A flow with its counters. @see OpenFlow 1.3.5, 7.3.5.2 (ofp_flow_stats) */
export const flowStats = sized(
  u16,
  struct({
    tableId: u8,
    _: pad(1),
    durationSec: u32,
    durationNsec: u32,
    priority: u16,
    idleTimeoutSec: u16,
    hardTimeoutSec: u16,
    flags: flowModFlags,
    _2: pad(4),
    cookie: u64,
    packetCount: u64,
    byteCount: u64,
    match,
    instructions,
  }),
  { countsItself: true },
);

export const flowStatsReplyFields = { entries: listToEnd(flowStats) };

/** @see OpenFlow 1.3.5, 7.3.5.3 (ofp_aggregate_stats_reply) */
export const aggregateReplyFields = { packetCount: u64, byteCount: u64, flowCount: u32, _: pad(4) };

export type FlowFilter = StructInput<typeof flowFilterFields>;
export type FlowStats = ValueOf<typeof flowStats>;
export type AggregateStats = StructValue<typeof aggregateReplyFields>;
