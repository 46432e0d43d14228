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
} as const;
