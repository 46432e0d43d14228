/** TCP, UDP, SCTP and ICMP, with IPv6's neighbour discovery. */
import {
  icmpv4,
  icmpv6,
  neighbour,
  neighbourAdvertisement,
  neighbourSolicitation,
  sctp,
  tcp,
  udp,
} from "./field-protocols.ts";
import { decimal16, decimal32, decimal8, flagBits, ipv6, mac } from "./field-types.ts";
import { field, nx, of, ofb, onfEt, oxm, OxmClass, type WireNumber } from "./oxm-table.ts";

const maskable = true;

/** The bits of tcpFlags, by the names that ovs-ofctl has for them. */
export const tcpFlagBits = {
  ...({ fin: 0, syn: 1, rst: 2, psh: 3, ack: 4, urg: 5, ece: 6, cwr: 7, ns: 8 } as const),
  ...({ "[200]": 9, "[400]": 10, "[800]": 11 } as const),
};

const tcpFlagField = flagBits(2, { bits: 12 }, tcpFlagBits);

/** The number of a field that Ericsson added. */
function ericsson(name: string, number: number): WireNumber {
  return { wireName: `ERICOXM_OF_${name}`, oxmClass: OxmClass.ericsson, number };
}

export const transportFields = {
  tcpSrc: oxm("TCP_SRC", 13, decimal16, ["tp_src", "tcp_src"], { maskable, requires: tcp, nxm: of("TCP_SRC", 9) }),
  tcpDst: oxm("TCP_DST", 14, decimal16, ["tp_dst", "tcp_dst"], { maskable, requires: tcp, nxm: of("TCP_DST", 10) }),
  tcpFlags: field(onfEt("TCP_FLAGS", 42), tcpFlagField, "tcp_flags", {
    maskable,
    readOnly: true,
    requires: tcp,
    nxm: nx("TCP_FLAGS", 34),
    others: [ofb("TCP_FLAGS", 42)],
  }),
  udpSrc: oxm("UDP_SRC", 15, decimal16, ["tp_src", "udp_src"], { maskable, requires: udp, nxm: of("UDP_SRC", 11) }),
  udpDst: oxm("UDP_DST", 16, decimal16, ["tp_dst", "udp_dst"], { maskable, requires: udp, nxm: of("UDP_DST", 12) }),
  sctpSrc: oxm("SCTP_SRC", 17, decimal16, ["tp_src", "sctp_src"], { maskable, requires: sctp }),
  sctpDst: oxm("SCTP_DST", 18, decimal16, ["tp_dst", "sctp_dst"], { maskable, requires: sctp }),
  icmpv4Type: oxm("ICMPV4_TYPE", 19, decimal8, "icmp_type", { requires: icmpv4, nxm: of("ICMP_TYPE", 13) }),
  icmpv4Code: oxm("ICMPV4_CODE", 20, decimal8, "icmp_code", { requires: icmpv4, nxm: of("ICMP_CODE", 14) }),
  icmpv6Type: oxm("ICMPV6_TYPE", 29, decimal8, ["icmp_type", "icmpv6_type"], {
    requires: icmpv6,
    nxm: nx("ICMPV6_TYPE", 21),
  }),
  icmpv6Code: oxm("ICMPV6_CODE", 30, decimal8, ["icmp_code", "icmpv6_code"], {
    requires: icmpv6,
    nxm: nx("ICMPV6_CODE", 22),
  }),
  ndReserved: field(ericsson("ICMPV6_ND_RESERVED", 1), decimal32, "nd_reserved", { requires: neighbour }),
  ndTarget: oxm("IPV6_ND_TARGET", 31, ipv6, "nd_target", { maskable, requires: neighbour, nxm: nx("ND_TARGET", 23) }),
  ndOptionsType: field(ericsson("ICMPV6_ND_OPTIONS_TYPE", 2), decimal8, "nd_options_type", { requires: neighbour }),
  ndSll: oxm("IPV6_ND_SLL", 32, mac, "nd_sll", { maskable, requires: neighbourSolicitation, nxm: nx("ND_SLL", 24) }),
  ndTll: oxm("IPV6_ND_TLL", 33, mac, "nd_tll", { maskable, requires: neighbourAdvertisement, nxm: nx("ND_TLL", 25) }),
};
