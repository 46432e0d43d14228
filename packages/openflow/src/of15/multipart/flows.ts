import { listToEnd, mapped, pad, sized, struct, u16, u64, u8, withDefault } from "@loomstack/wire";
import type { Instruction } from "../../of13/instructions.ts";
import { match } from "../../of13/match.ts";
import { flowModFlags } from "../../of13/messages/flow-mod.ts";
import type { AggregateStats, FlowStats } from "../../of13/multipart/flow-stats.ts";
import { type FlowCounters, flowCounters } from "../flow-counters.ts";
import { instructions15 } from "../instructions.ts";

const flow = sized(
  u16,
  struct({
    tableId: u8,
    _: pad(1),
    priority: u16,
    idleTimeoutSec: u16,
    hardTimeoutSec: u16,
    flags: flowModFlags,
    importance: withDefault(u16, 0),
    cookie: u64,
    match,
    counters: flowCounters,
    instructions: instructions15,
  }),
  { countsItself: true, gap: 2 },
);

type FlowInput = Omit<FlowStats, "instructions"> & { readonly instructions: readonly Instruction[] };

/** A flow with its counters. @see OpenFlow 1.5.1, 7.3.5.2 (ofp_flow_desc) */
const flowStats15 = mapped(flow, {
  decode: ({ counters, ...rest }) => ({ ...rest, ...counters }),
  encode: (value: FlowInput & FlowCounters) => ({ ...value, counters: value }),
});

export const flowStatsReplyFields15 = { entries: listToEnd(flowStats15) };

/** @see OpenFlow 1.5.1, 7.3.5.4 (ofp_aggregate_stats_reply) */
export const aggregateReply15 = mapped(struct({ counters: flowCounters }), {
  decode: ({ counters: { packetCount, byteCount, flowCount = 0 } }) => ({ packetCount, byteCount, flowCount }),
  encode: (sums: AggregateStats) => ({
    counters: { durationSec: 0xffff_ffff, durationNsec: 0xffff_ffff, ...sums },
  }),
});
