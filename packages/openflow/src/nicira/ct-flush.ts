/** Forgetting tracked connections. @see ovs-ofctl(8), "ct-flush" */
import { bytes, listToEnd, pad, type StructInput, u16, u32, u8, variants } from "@loomstack/wire";
import { ipv6 } from "../of13/field-types.ts";
import { property } from "../onf/properties.ts";

/** NXT_CT_TUPLE_*; an IPv4 address is mapped into IPv6 (RFC 4291, 2.5.5.2). */
const tupleProperties = variants({
  source: [0, { address: ipv6.codec }],
  destination: [1, { address: ipv6.codec }],
  sourcePort: [2, { port: u16, _: pad(2) }],
  destinationPort: [3, { port: u16, _: pad(2) }],
  icmpId: [4, { icmpId: u16, _: pad(2) }],
  icmpType: [5, { icmpType: u8 }],
  icmpCode: [6, { icmpCode: u8 }],
});

const tuple = { _: pad(4), tuple: listToEnd(property(tupleProperties)) };

/** NXT_CT_* */
const properties = variants({
  original: [0, tuple],
  reply: [1, tuple],
  zone: [2, { zone: u16, _: pad(2) }],
  mark: [3, { mark: u32 }],
  markMask: [4, { mask: u32 }],
  labels: [5, { labels: bytes(16) }],
  labelsMask: [6, { mask: bytes(16) }],
});

/** Only connections of which all of this is true; without anything, all. Open vSwitch 3.1 or newer. */
export const ctFlushFields = { ipProto: u8, _: pad(7), properties: listToEnd(property(properties)) };

export type CtFlush = { readonly kind: "ctFlush" } & StructInput<typeof ctFlushFields>;
