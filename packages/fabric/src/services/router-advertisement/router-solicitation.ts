import { icmpv6Type } from "../../packets/protocol-numbers.ts";
import { decodeIcmpv6 } from "../../packets/icmpv6.ts";
import type { Ipv6Frame } from "../../packets/ipv6-frame.ts";
import { decodeNdOptions, ndOptionType } from "./nd-options.ts";

/** Neighbour discovery's packets were forwarded by no router (RFC 4861, 6.1.1). */
export const neighbourHopLimit = 255;
const reservedLength = 4;

/** Whether the packet is a router solicitation that a router answers (RFC 4861, 4.1 and 6.1.1). */
export function isRouterSolicitation(frame: Ipv6Frame): boolean {
  const message = decodeIcmpv6(frame);
  if (message?.type !== icmpv6Type.routerSolicitation || message.code !== 0) return false;
  if (frame.hopLimit !== neighbourHopLimit || message.body.length < reservedLength) return false;
  const options = decodeNdOptions(message.body.subarray(reservedLength));
  if (options === undefined) return false;
  return frame.src !== "::" || options.every(({ type }) => type !== ndOptionType.sourceLinkLayerAddress);
}
