/** IPv4 and IPv6. */
import { ip, ipv4Only, ipv6Only } from "./field-protocols.ts";
import { decimal8, fragment, ipv4, ipv6, lowBits } from "./field-types.ts";
import { field, nx, nxm, of, oxm } from "./oxm-table.ts";

const maskable = true;
const readOnly = true;

export const ipFields = {
  ipv4Src: oxm("IPV4_SRC", 11, ipv4, ["nw_src", "ip_src"], { maskable, requires: ipv4Only, nxm: of("IP_SRC", 7) }),
  ipv4Dst: oxm("IPV4_DST", 12, ipv4, ["nw_dst", "ip_dst"], { maskable, requires: ipv4Only, nxm: of("IP_DST", 8) }),
  ipv6Src: oxm("IPV6_SRC", 26, ipv6, "ipv6_src", { maskable, requires: ipv6Only, nxm: nx("IPV6_SRC", 19) }),
  ipv6Dst: oxm("IPV6_DST", 27, ipv6, "ipv6_dst", { maskable, requires: ipv6Only, nxm: nx("IPV6_DST", 20) }),
  /** Bit 0: a fragment; bit 1: not the first one. */
  ipFrag: nxm("IP_FRAG", 26, fragment, ["nw_frag", "ip_frag"], { maskable, readOnly, requires: ip }),
  ipDscp: oxm("IP_DSCP", 8, lowBits(1, 6), "ip_dscp", { requires: ip }),
  /** ipDscp where it is in a packet: the lowest two bits are zero. */
  ipTos: field(of("IP_TOS", 5), decimal8, "nw_tos", {
    requires: ip,
    parts: [{ field: "ipDscp", start: 2, bits: 6 }],
  }),
  ipEcn: oxm("IP_ECN", 9, lowBits(1, 2), "nw_ecn", { requires: ip, nxm: nx("IP_ECN", 28), aliases: ["ip_ecn"] }),
  ipTtl: nxm("IP_TTL", 29, decimal8, "nw_ttl", { requires: ip }),
  ipv6Flabel: oxm("IPV6_FLABEL", 28, lowBits(4, 20, "hex"), "ipv6_label", {
    maskable,
    requires: ipv6Only,
    nxm: nx("IPV6_LABEL", 27),
  }),
  ipv6Exthdr: oxm("IPV6_EXTHDR", 39, lowBits(2, 9), "ipv6_exthdr", { maskable, requires: ipv6Only }),
  ipProto: oxm("IP_PROTO", 10, decimal8, "nw_proto", {
    readOnly,
    requires: ip,
    nxm: of("IP_PROTO", 6),
    aliases: ["ip_proto"],
  }),
};
