/**
 * What registers mean, on br-int. (Between the bridges registers don't survive: there the local VLAN carries the
 * network.)
 */
export const registers = {
  network: {
    field: "reg0",
    start: 0,
    bits: 32,
    doc: "The tunnel key of the packet's network, on every hypervisor the same; 0 while unknown.",
  },
  shown: {
    field: "reg15",
    start: 0,
    bits: 32,
    doc: "While a packet is traced live, on br-tun as well: the tables that have shown it to the controller, one bit each.",
  },
} as const;
