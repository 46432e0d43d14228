/** What is known of the tunnel that a packet came from, or is to leave by. @see ovs-fields(7), "Tunnel Fields" */
import { decimal16, decimal8, flagBits, hex64, hex8, ipv4, ipv6, lowBits, variableBytes } from "../of13/field-types.ts";
import { et, field, nx, nxm, oxm } from "../of13/oxm-table.ts";
import { numbered } from "./numbered.ts";

const maskable = true;
const readOnly = true;

export const tunnelFields = {
  tunnelId: oxm("TUNNEL_ID", 38, hex64, "tun_id", { maskable, nxm: nx("TUN_ID", 16), aliases: ["tunnel_id"] }),
  tunFlags: nxm("TUN_FLAGS", 104, flagBits(2, { bits: 1 }, { oam: 0 }), "tun_flags", { maskable }),
  tunIpv4Src: nxm("TUN_IPV4_SRC", 31, ipv4, "tun_src", { maskable }),
  tunIpv4Dst: nxm("TUN_IPV4_DST", 32, ipv4, "tun_dst", { maskable }),
  tunIpv6Src: nxm("TUN_IPV6_SRC", 109, ipv6, "tun_ipv6_src", { maskable }),
  tunIpv6Dst: nxm("TUN_IPV6_DST", 110, ipv6, "tun_ipv6_dst", { maskable }),
  /** VXLAN's group policy. */
  tunGbpId: nxm("TUN_GBP_ID", 38, decimal16, "tun_gbp_id", { maskable }),
  tunGbpFlags: nxm("TUN_GBP_FLAGS", 39, hex8, "tun_gbp_flags", { maskable }),
  /** Geneve's options, as the switch's TLV table maps them; a mask of zeros asks that the option is there. */
  ...numbered("tunMetadata", 0, 63, (number) =>
    nxm(`TUN_METADATA${number}`, number + 40, variableBytes, `tun_metadata${number}`, { maskable }),
  ),
  tunErspanIdx: field(et("ERSPAN_IDX", 11), lowBits(4, 20, "hex"), "tun_erspan_idx", { maskable }),
  tunErspanVer: field(et("ERSPAN_VER", 12), lowBits(1, 4), "tun_erspan_ver", { maskable }),
  tunErspanDir: field(et("ERSPAN_DIR", 13), lowBits(1, 1), "tun_erspan_dir", { maskable }),
  tunErspanHwid: field(et("ERSPAN_HWID", 14), lowBits(1, 6, "hex"), "tun_erspan_hwid", { maskable }),
  tunGtpuFlags: field(et("GTPU_FLAGS", 15), hex8, "tun_gtpu_flags", { maskable, readOnly, aliases: ["gtpu_flags"] }),
  tunGtpuMsgtype: field(et("GTPU_MSGTYPE", 16), decimal8, "tun_gtpu_msgtype", {
    maskable,
    readOnly,
    aliases: ["gtpu_msgtype"],
  }),
};
