/** What a match says of the packets that have certain fields. @see OpenFlow 1.3.5, 7.2.3.8 */
import type { Prerequisites } from "./oxm-table.ts";

export const ip = { ethType: [0x0800, 0x86dd] } as const satisfies Prerequisites;
export const ipv4Only = { ethType: [0x0800] } as const satisfies Prerequisites;
export const ipv6Only = { ethType: [0x86dd] } as const satisfies Prerequisites;
export const arp = { ethType: [0x0806, 0x8035] } as const satisfies Prerequisites;
export const mpls = { ethType: [0x8847, 0x8848] } as const satisfies Prerequisites;
export const nshOnly = { ethType: [0x894f] } as const satisfies Prerequisites;
export const tcp = { ...ip, ipProto: [6] } as const satisfies Prerequisites;
export const udp = { ...ip, ipProto: [17] } as const satisfies Prerequisites;
export const sctp = { ...ip, ipProto: [132] } as const satisfies Prerequisites;
export const icmpv4 = { ...ipv4Only, ipProto: [1] } as const satisfies Prerequisites;
export const icmpv6 = { ...ipv6Only, ipProto: [58] } as const satisfies Prerequisites;
export const neighbour = { ...icmpv6, icmpv6Type: [135, 136] } as const satisfies Prerequisites;
export const neighbourSolicitation = { ...icmpv6, icmpv6Type: [135] } as const satisfies Prerequisites;
export const neighbourAdvertisement = { ...icmpv6, icmpv6Type: [136] } as const satisfies Prerequisites;
/** The tracker's own view of the first packet of a connection. */
export const tracked = { connection: true } as const satisfies Prerequisites;
