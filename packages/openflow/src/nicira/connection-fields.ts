/** What the connection tracker knows of a packet. @see ovs-fields(7), "Connection Tracking Fields" */
import { tracked } from "../of13/field-protocols.ts";
import { decimal16, decimal8, flagBits, hex128, hex16, hex32, ipv4, ipv6 } from "../of13/field-types.ts";
import { nxm } from "../of13/oxm-table.ts";

const maskable = true;
const readOnly = true;
const requires = tracked;

/** The bits of ctState, by the names that ovs-ofctl has for them. */
export const ctStateBits = { new: 0, est: 1, rel: 2, rpl: 3, inv: 4, trk: 5, snat: 6, dnat: 7 } as const;

const state = flagBits(4, { bits: 8, subfieldBits: 32 }, ctStateBits);

export const connectionFields = {
  ctState: nxm("CT_STATE", 105, state, "ct_state", { maskable, readOnly }),
  ctZone: nxm("CT_ZONE", 106, hex16, "ct_zone", { readOnly }),
  ctMark: nxm("CT_MARK", 107, hex32, "ct_mark", { maskable }),
  ctLabel: nxm("CT_LABEL", 108, hex128, "ct_label", { maskable }),
  ctNwSrc: nxm("CT_NW_SRC", 120, ipv4, "ct_nw_src", { maskable, readOnly, requires }),
  ctIpv6Src: nxm("CT_IPV6_SRC", 122, ipv6, "ct_ipv6_src", { maskable, readOnly, requires }),
  ctNwDst: nxm("CT_NW_DST", 121, ipv4, "ct_nw_dst", { maskable, readOnly, requires }),
  ctIpv6Dst: nxm("CT_IPV6_DST", 123, ipv6, "ct_ipv6_dst", { maskable, readOnly, requires }),
  ctNwProto: nxm("CT_NW_PROTO", 119, decimal8, "ct_nw_proto", { readOnly, requires }),
  ctTpSrc: nxm("CT_TP_SRC", 124, decimal16, "ct_tp_src", { maskable, readOnly, requires }),
  ctTpDst: nxm("CT_TP_DST", 125, decimal16, "ct_tp_dst", { maskable, readOnly, requires }),
};
