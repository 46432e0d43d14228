import { openEnumOf, type StructValue, u16, u32, u64, u8 } from "@loomstack/wire";
import { match } from "../match.ts";

/** @see OpenFlow 1.3.5, 7.4.2 (ofp_flow_removed_reason) */
export const flowRemovedReasons = { idleTimeout: 0, hardTimeout: 1, delete: 2, groupDelete: 3 } as const;

/** A flow that had asked for it is gone. @see OpenFlow 1.3.5, 7.4.2 (ofp_flow_removed) */
export const flowRemovedFields = {
  cookie: u64,
  priority: u16,
  reason: openEnumOf(u8, flowRemovedReasons),
  tableId: u8,
  durationSec: u32,
  durationNsec: u32,
  idleTimeoutSec: u16,
  hardTimeoutSec: u16,
  packetCount: u64,
  byteCount: u64,
  match,
};

export type FlowRemoved = { readonly kind: "flowRemoved" } & StructValue<typeof flowRemovedFields>;
