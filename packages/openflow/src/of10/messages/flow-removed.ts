import { mapped, openEnumOf, pad, struct, u16, u32, u64, u8 } from "@loomstack/wire";
import { type FlowRemoved, flowRemovedReasons } from "../../of13/messages/flow-removed.ts";
import { allTables } from "../../of13/ports.ts";
import { match10 } from "../match.ts";

const flowRemoved = struct({
  match: match10,
  cookie: u64,
  priority: u16,
  reason: openEnumOf(u8, flowRemovedReasons),
  _: pad(1),
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  _2: pad(2),
  packetCount: u64,
  byteCount: u64,
});

/**
 * A flow that had asked for it is gone. Its table (here: any) and its hard timeout (here: none) aren't told.
 *
 * @see OpenFlow 1.0.0, 5.4.2 (ofp_flow_removed)
 */
export const flowRemoved10 = mapped(flowRemoved, {
  decode: (removed) => ({ ...removed, tableId: allTables, hardTimeoutSec: 0 }),
  encode: (removed: Omit<FlowRemoved, "kind">) => removed,
});
