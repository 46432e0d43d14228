import type { Dpid } from "@loomstack/core";
import { bits, type Codec, mapped, pad, u32, u64, u8 } from "@loomstack/wire";

const dpid: Codec<Dpid> = mapped(u64, { decode: (value) => value as Dpid, encode: (value: Dpid): bigint => value });

/** What a switch is. @see OpenFlow 1.3.5, 7.3.1 (ofp_switch_features) */
export const featuresReplyFields = {
  dpid,
  bufferCount: u32,
  tableCount: u8,
  /** 0 for a main connection. */
  auxiliaryId: u8,
  _: pad(2),
  capabilities: bits(u32, {
    flowStats: 0,
    tableStats: 1,
    portStats: 2,
    groupStats: 3,
    ipReassembly: 5,
    queueStats: 6,
    portBlocked: 8,
  }),
  _reserved: pad(4),
};
