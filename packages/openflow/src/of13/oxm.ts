/**
 * All match fields, one row each, in the order in which Open vSwitch writes them. That order puts every field behind
 * its prerequisites, as OpenFlow asks for, and gives equal matches equal bytes. Names are the camelCase of the OXM
 * names.
 */
import { LoomstackError } from "@loomstack/core";
import { conjunctionId, ipFragment, ipTimeToLive, packetMark, registers, tunnelFields } from "../nicira/fields.ts";
import {
  decimal16,
  decimal8,
  etherType,
  type FieldType,
  hex24,
  hex32,
  hex64,
  ipv4,
  ipv6,
  lowBits,
  mac,
  port,
} from "./field-types.ts";
import { type Field, nx, of, oxm } from "./oxm-table.ts";

const ip = { ethType: [0x0800, 0x86dd] };
const ipv4Only = { ethType: [0x0800] };
const ipv6Only = { ethType: [0x86dd] };
const arp = { ethType: [0x0806, 0x8035] };
const mpls = { ethType: [0x8847, 0x8848] };
const tcp = { ...ip, ipProto: [6] };
const udp = { ...ip, ipProto: [17] };
const sctp = { ...ip, ipProto: [132] };
const icmpv4 = { ...ipv4Only, ipProto: [1] };
const icmpv6 = { ...ipv6Only, ipProto: [58] };
const neighbour = { ...icmpv6, icmpv6Type: [135, 136] };
const solicitation = { ...icmpv6, icmpv6Type: [135] };
const advertisement = { ...icmpv6, icmpv6Type: [136] };
const maskable = true;

export const fields = {
  packetType: oxm("PACKET_TYPE", 44, hex32, "packet_type"),
  conjId: conjunctionId,
  inPort: oxm("IN_PORT", 0, port, "in_port"),
  inPhyPort: oxm("IN_PHY_PORT", 1, port, "in_phy_port"),
  ethSrc: oxm("ETH_SRC", 4, mac, ["dl_src", "eth_src"], { maskable, nxm: of("ETH_SRC", 2) }),
  ethDst: oxm("ETH_DST", 3, mac, ["dl_dst", "eth_dst"], { maskable, nxm: of("ETH_DST", 1) }),
  ethType: oxm("ETH_TYPE", 5, etherType, ["dl_type", "eth_type"], { nxm: of("ETH_TYPE", 3) }),
  /** 0x1000 | VLAN id for a tagged packet, 0 for an untagged one. */
  vlanVid: oxm("VLAN_VID", 6, lowBits(2, 13), "vlan_vid", { maskable }),
  vlanPcp: oxm("VLAN_PCP", 7, lowBits(1, 3), ["dl_vlan_pcp", "vlan_pcp"], { requires: { vlanTag: true } }),
  mplsTc: oxm("MPLS_TC", 35, lowBits(1, 3), "mpls_tc", { requires: mpls }),
  mplsBos: oxm("MPLS_BOS", 36, lowBits(1, 1), "mpls_bos", { requires: mpls }),
  mplsLabel: oxm("MPLS_LABEL", 34, lowBits(4, 20), "mpls_label", { requires: mpls }),
  pbbIsid: oxm("PBB_ISID", 37, hex24, "pbb_isid", { maskable, requires: { ethType: [0x88e7] } }),
  ipv4Src: oxm("IPV4_SRC", 11, ipv4, ["nw_src", "ip_src"], { maskable, requires: ipv4Only, nxm: of("IP_SRC", 7) }),
  ipv4Dst: oxm("IPV4_DST", 12, ipv4, ["nw_dst", "ip_dst"], { maskable, requires: ipv4Only, nxm: of("IP_DST", 8) }),
  ipv6Src: oxm("IPV6_SRC", 26, ipv6, "ipv6_src", { maskable, requires: ipv6Only, nxm: nx("IPV6_SRC", 19) }),
  ipv6Dst: oxm("IPV6_DST", 27, ipv6, "ipv6_dst", { maskable, requires: ipv6Only, nxm: nx("IPV6_DST", 20) }),
  ipFrag: ipFragment,
  ipDscp: oxm("IP_DSCP", 8, lowBits(1, 6), "ip_dscp", { requires: ip }),
  ipEcn: oxm("IP_ECN", 9, lowBits(1, 2), "nw_ecn", { requires: ip, nxm: nx("IP_ECN", 28) }),
  ipTtl: ipTimeToLive,
  ipv6Flabel: oxm("IPV6_FLABEL", 28, lowBits(4, 20), "ipv6_label", {
    maskable,
    requires: ipv6Only,
    nxm: nx("IPV6_LABEL", 27),
  }),
  ipv6Exthdr: oxm("IPV6_EXTHDR", 39, lowBits(2, 9), "ipv6_exthdr", { maskable, requires: ipv6Only }),
  ipProto: oxm("IP_PROTO", 10, decimal8, "nw_proto", { requires: ip, nxm: of("IP_PROTO", 6) }),
  tcpSrc: oxm("TCP_SRC", 13, decimal16, ["tp_src", "tcp_src"], { maskable, requires: tcp, nxm: of("TCP_SRC", 9) }),
  tcpDst: oxm("TCP_DST", 14, decimal16, ["tp_dst", "tcp_dst"], { maskable, requires: tcp, nxm: of("TCP_DST", 10) }),
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
  ndTarget: oxm("IPV6_ND_TARGET", 31, ipv6, "nd_target", { maskable, requires: neighbour, nxm: nx("ND_TARGET", 23) }),
  ndSll: oxm("IPV6_ND_SLL", 32, mac, "nd_sll", { maskable, requires: solicitation, nxm: nx("ND_SLL", 24) }),
  ndTll: oxm("IPV6_ND_TLL", 33, mac, "nd_tll", { maskable, requires: advertisement, nxm: nx("ND_TLL", 25) }),
  arpOp: oxm("ARP_OP", 21, decimal16, "arp_op", { requires: arp, nxm: of("ARP_OP", 15) }),
  arpSpa: oxm("ARP_SPA", 22, ipv4, "arp_spa", { maskable, requires: arp, nxm: of("ARP_SPA", 16) }),
  arpTpa: oxm("ARP_TPA", 23, ipv4, "arp_tpa", { maskable, requires: arp, nxm: of("ARP_TPA", 17) }),
  arpSha: oxm("ARP_SHA", 24, mac, "arp_sha", { maskable, requires: arp, nxm: nx("ARP_SHA", 17) }),
  arpTha: oxm("ARP_THA", 25, mac, "arp_tha", { maskable, requires: arp, nxm: nx("ARP_THA", 18) }),
  tunnelId: oxm("TUNNEL_ID", 38, hex64, "tun_id", { maskable, nxm: nx("TUN_ID", 16) }),
  ...tunnelFields,
  ...registers,
  pktMark: packetMark,
  metadata: oxm("METADATA", 2, hex64, "metadata", { maskable }),
} as const;

export type FieldName = keyof typeof fields;

/** The type of a field's value. */
export type FieldValue<F extends FieldName> = (typeof fields)[F] extends { readonly type: FieldType<infer T> }
  ? T
  : never;

/** A row of the table whose value type isn't known, with its name and its place in the order. */
export interface FieldRow extends Field<unknown> {
  readonly name: FieldName;
  readonly order: number;
}

const rows: readonly FieldRow[] = Object.entries(fields).map(([name, field], order) => ({
  ...(field as Field<unknown>),
  name: name as FieldName,
  order,
}));
const byName = new Map<string, FieldRow>(rows.map((row) => [row.name, row]));
const byNumber = new Map<number, FieldRow>([
  ...rows.map((row) => [tableKey(row.subfield.oxmClass, row.subfield.number), row] as const),
  ...rows.map((row) => [tableKey(row.oxmClass, row.number), row] as const),
]);

/** All rows in the order of the table. */
export const fieldRows: readonly FieldRow[] = rows;

/** @throws OPENFLOW__UNKNOWN_FIELD where the compiler was overruled */
export function fieldRow(name: FieldName): FieldRow {
  const row = byName.get(name);
  if (row === undefined) throw new LoomstackError("OPENFLOW__UNKNOWN_FIELD", { field: name });
  return row;
}

/** The row with an OXM number, or with the NXM number that stands for the same field in the same form. */
export function fieldByNumber(oxmClass: number, number: number): FieldRow | undefined {
  return byNumber.get(tableKey(oxmClass, number));
}

function tableKey(oxmClass: number, number: number): number {
  return oxmClass * 128 + number;
}
