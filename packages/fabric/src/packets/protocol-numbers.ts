/** EtherTypes (IEEE 802 numbers). */
export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, localExperimental: 0x88b5 } as const;

/** IP protocols (IANA's numbers). */
export const ipProto = { udp: 17, icmpv6: 58 } as const;

/** ICMPv6 types (RFC 4861, 2710, 3810). */
export const icmpv6Type = {
  listenerReport: 131,
  listenerDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  listenerReportV2: 143,
} as const;
