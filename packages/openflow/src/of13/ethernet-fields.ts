/** Ethernet, VLAN and MPLS. */
import { mpls } from "./field-protocols.ts";
import { decimal8, hex16, hex24, lowBits, mac, vlanId } from "./field-types.ts";
import { field, nxm, of, oxm } from "./oxm-table.ts";

const maskable = true;

export const ethernetFields = {
  ethSrc: oxm("ETH_SRC", 4, mac, ["dl_src", "eth_src"], { maskable, nxm: of("ETH_SRC", 2) }),
  ethDst: oxm("ETH_DST", 3, mac, ["dl_dst", "eth_dst"], { maskable, nxm: of("ETH_DST", 1) }),
  ethType: oxm("ETH_TYPE", 5, hex16, ["dl_type", "eth_type"], { readOnly: true, nxm: of("ETH_TYPE", 3) }),
  /** 0x1000 | VLAN id for a tagged packet, 0 for an untagged one. */
  vlanVid: oxm("VLAN_VID", 6, vlanId, "vlan_vid", { maskable }),
  vlanPcp: oxm("VLAN_PCP", 7, lowBits(1, 3), ["dl_vlan_pcp", "vlan_pcp"], { requires: { vlanTag: true } }),
  /** vlanPcp and vlanVid as they are in a packet. */
  vlanTci: field(of("VLAN_TCI", 4), hex16, "vlan_tci", {
    maskable,
    parts: [
      { field: "vlanVid", start: 0, bits: 13 },
      { field: "vlanPcp", start: 13, bits: 3 },
    ],
  }),
  mplsTc: oxm("MPLS_TC", 35, lowBits(1, 3), "mpls_tc", { requires: mpls }),
  mplsBos: oxm("MPLS_BOS", 36, lowBits(1, 1), "mpls_bos", { readOnly: true, requires: mpls }),
  mplsTtl: nxm("MPLS_TTL", 30, decimal8, "mpls_ttl", { requires: mpls }),
  mplsLabel: oxm("MPLS_LABEL", 34, lowBits(4, 20), "mpls_label", { requires: mpls }),
  pbbIsid: oxm("PBB_ISID", 37, hex24, "pbb_isid", { maskable, requires: { ethType: [0x88e7] } }),
};
