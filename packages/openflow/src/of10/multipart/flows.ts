import { listToEnd, mapped, pad, sized, struct, u16, u32, u64, u8, withDefault } from "@loomstack/wire";
import type { Instruction } from "../../of13/instructions.ts";
import type { FlowFilter, FlowStats } from "../../of13/multipart/flow-stats.ts";
import { allTables, Group, Port, shortPortNo } from "../../of13/ports.ts";
import { actions10 } from "../actions.ts";
import { actionsOf, instructionsOf } from "../instructions.ts";
import { match10 } from "../match.ts";
import { checkFilter } from "../messages/flow-mod.ts";

const filter = struct({
  match: match10,
  tableId: withDefault(u8, allTables),
  _: pad(1),
  outPort: withDefault(shortPortNo, Port.any),
});

/** Which flows are asked for. @see OpenFlow 1.0.0, 5.3.5 (ofp_flow_stats_request) */
export const flowFilter10 = mapped(filter, {
  decode: (value) => ({ ...value, outGroup: Group.any, cookie: 0n, cookieMask: 0n }),
  encode: (value: FlowFilter) => {
    checkFilter(value);
    return { ...value, match: value.match ?? {} };
  },
});

const flow = struct({
  tableId: u8,
  _: pad(1),
  match: match10,
  durationSec: u32,
  durationNsec: u32,
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  _2: pad(6),
  cookie: u64,
  packetCount: u64,
  byteCount: u64,
  actions: actions10,
});

/** A flow with its counters; its flags aren't told. @see OpenFlow 1.0.0, 5.3.5 (ofp_flow_stats) */
const flowStats = mapped(sized(u16, flow, { countsItself: true }), {
  decode: ({ actions, ...value }) => ({ ...value, flags: {}, instructions: instructionsOf(actions, value.match) }),
  encode: ({
    instructions,
    ...value
  }: Omit<FlowStats, "instructions"> & { readonly instructions: readonly Instruction[] }) => ({
    ...value,
    actions: actionsOf(instructions, value.match),
  }),
});

export const flowStatsReplyFields10 = { entries: listToEnd(flowStats) };
