/** Match fields that Open vSwitch adds. @see ovs-fields(7) */
import { decimal32, decimal8, hex32, ipv4, ipv6, lowBits } from "../of13/field-types.ts";
import { type Field, nxm } from "../of13/oxm-table.ts";

const ip = { ethType: [0x0800, 0x86dd] };

/** Fields of a packet's tunnel. */
export const tunnelFields = {
  tunIpv4Src: nxm("TUN_IPV4_SRC", 31, ipv4, "tun_src", { maskable: true }),
  tunIpv4Dst: nxm("TUN_IPV4_DST", 32, ipv4, "tun_dst", { maskable: true }),
  tunIpv6Src: nxm("TUN_IPV6_SRC", 109, ipv6, "tun_ipv6_src", { maskable: true }),
  tunIpv6Dst: nxm("TUN_IPV6_DST", 110, ipv6, "tun_ipv6_dst", { maskable: true }),
};

/** Scratch values that a packet carries from table to table, within one bridge. */
export const registers = {
  reg0: register(0),
  reg1: register(1),
  reg2: register(2),
  reg3: register(3),
  reg4: register(4),
  reg5: register(5),
  reg6: register(6),
  reg7: register(7),
  reg8: register(8),
  reg9: register(9),
  reg10: register(10),
  reg11: register(11),
  reg12: register(12),
  reg13: register(13),
  reg14: register(14),
  reg15: register(15),
};

export const conjunctionId = nxm("CONJ_ID", 37, decimal32, "conj_id");
export const packetMark = nxm("PKT_MARK", 33, hex32, "pkt_mark", { maskable: true });
/** Bit 0: a fragment; bit 1: not the first one. */
export const ipFragment = nxm("IP_FRAG", 26, lowBits(1, 2), "ip_frag", { maskable: true, requires: ip });
export const ipTimeToLive = nxm("IP_TTL", 29, decimal8, "nw_ttl", { requires: ip });

function register(number: number): Field<number> {
  return nxm(`REG${number}`, number, hex32, `reg${number}`, { maskable: true });
}
