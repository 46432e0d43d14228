import { mapped, openEnumOf, struct, u16, u64, u8 } from "@loomstack/wire";
import { match } from "../../of13/match.ts";
import { type FlowRemoved, flowRemovedReasons } from "../../of13/messages/flow-removed.ts";
import { type FlowCounters, flowCounters } from "../flow-counters.ts";

const flowRemoved = struct({
  tableId: u8,
  reason: openEnumOf(u8, flowRemovedReasons),
  priority: u16,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  cookie: u64,
  match,
  counters: flowCounters,
});

/** A flow that had asked for it is gone. @see OpenFlow 1.5.1, 7.4.2 (ofp_flow_removed) */
export const flowRemoved15 = mapped(flowRemoved, {
  decode: ({ counters, ...removed }) => ({ ...removed, ...counters }),
  encode: (removed: Omit<FlowRemoved, "kind"> & FlowCounters) => ({ ...removed, counters: removed }),
});
